"""What is performed for a language where its file says nothing, as lines of bash; and what it has in its environment.

Each is what the language's page at https://docs.travis-ci.com/user/languages/ says, and
https://github.com/travis-ci/travis-build performs.
"""

PYTHON_SETUP = "travis_use_python {version} {system}"
PYTHON_INSTALL = """\
# pip install -r requirements.txt
if [[ -f Requirements.txt ]]; then
  travis_retry pip install -r Requirements.txt
elif [[ -f requirements.txt ]]; then
  travis_retry pip install -r requirements.txt
else
  echo "Could not locate requirements.txt. Override the install: key in your .travis.yml to install dependencies."
fi"""
PYTHON_SCRIPT = """\
# No script: there is no default
echo "Please override the script: key in your .travis.yml to run tests."
false"""

NODE_INSTALL = """\
# npm install
if [[ -f package.json ]]; then
  if [[ -f yarn.lock ]]; then
    travis_retry yarn --frozen-lockfile
  elif [[ -f package-lock.json || -f npm-shrinkwrap.json ]]; then
    travis_retry npm ci
  else
    travis_retry npm install
  fi
fi"""
NODE_SCRIPT = """\
# npm test
if [[ ! -f package.json ]]; then
  make test
elif [[ -f yarn.lock ]]; then
  yarn test
else
  npm test
fi"""

GEMFILE = 'if [[ -f ${BUNDLE_GEMFILE:-Gemfile} ]]; then export BUNDLE_GEMFILE="${BUNDLE_GEMFILE:-$PWD/Gemfile}"; fi'
RUBY_INSTALL = """\
# bundle install
if [[ -f ${BUNDLE_GEMFILE:-Gemfile}.lock ]]; then
  travis_retry bundle install --jobs=3 --retry=3 --deployment
elif [[ -f ${BUNDLE_GEMFILE:-Gemfile} ]]; then
  travis_retry bundle install --jobs=3 --retry=3
else
  echo "No Gemfile found, skipping bundle install"
fi"""
RUBY_SCRIPT = "# rake\nif [[ -f ${BUNDLE_GEMFILE:-Gemfile} ]]; then bundle exec rake; else rake; fi"

GO_SETTINGS = ('export GOPATH="${GOPATH:-$TRAVIS_HOME/gopath}"', 'export PATH="$GOPATH/bin:$PATH:/usr/local/go/bin"')
_MAKEFILE = "[[ -f GNUmakefile || -f makefile || -f Makefile || -f BSDmakefile ]]"
GO_INSTALL = f"""\
# go get
if {_MAKEFILE}; then
  echo "Makefile detected"
else
  travis_retry go get -v -t ./...
fi"""
GO_SCRIPT = f"# go test\nif {_MAKEFILE}; then make; else go test -v ./...; fi"

C_SETTINGS = ('export CC="${CC:-{version}}"', 'export CC_FOR_BUILD="${CC_FOR_BUILD:-{version}}"')
CPP_SETTINGS = (
    "__understudy_cc=gcc __understudy_cxx=g++",
    "case {version} in clang*) __understudy_cc=clang __understudy_cxx=clang++ ;; esac",
    'export CC="${CC:-$__understudy_cc}" CC_FOR_BUILD="${CC_FOR_BUILD:-$__understudy_cc}"',
    'export CXX="${CXX:-$__understudy_cxx}" CXX_FOR_BUILD="${CXX_FOR_BUILD:-$__understudy_cxx}"',
)
C_SCRIPT = "./configure && make && make test"

JVM_INSTALL = """\
# Assemble
if [[ -f gradlew ]]; then
  travis_retry ./gradlew assemble
elif [[ -f build.gradle ]]; then
  travis_retry gradle assemble
elif [[ -f mvnw ]]; then
  travis_retry ./mvnw install -DskipTests=true -Dmaven.javadoc.skip=true -B -V
elif [[ -f pom.xml ]]; then
  travis_retry mvn install -DskipTests=true -Dmaven.javadoc.skip=true -B -V
fi"""
JVM_SCRIPT = """\
# Check
if [[ -f gradlew ]]; then
  ./gradlew check
elif [[ -f build.gradle ]]; then
  gradle check
elif [[ -f mvnw ]]; then
  ./mvnw test -B
elif [[ -f pom.xml ]]; then
  mvn test -B
else
  ant test
fi"""
ANDROID_SCRIPT = """\
# Check
if [[ -f gradlew ]]; then
  ./gradlew build connectedCheck
elif [[ -f build.gradle ]]; then
  gradle build connectedCheck
elif [[ -f mvnw ]]; then
  ./mvnw install -B
elif [[ -f pom.xml ]]; then
  mvn install -B
else
  ant debug install test
fi"""
_SBT = "[[ -d project || -f build.sbt ]]"
SCALA_INSTALL = f"# Assemble\nif ! {_SBT}; then\n{JVM_INSTALL}\nfi"
SCALA_SCRIPT = f"# sbt test\nif {_SBT}; then\nsbt ++{{version}} test\nelse\n{JVM_SCRIPT}\nfi"

PHP_SCRIPT = """\
# phpunit
if [[ -n ${COMPOSER_BIN_DIR:-} && -x $COMPOSER_BIN_DIR/phpunit ]]; then
  "$COMPOSER_BIN_DIR/phpunit"
elif [[ -x $TRAVIS_BUILD_DIR/vendor/bin/phpunit ]]; then
  "$TRAVIS_BUILD_DIR/vendor/bin/phpunit"
else
  phpunit
fi"""

PERL_SCRIPT = """\
# make test
if [[ -f Build.PL ]]; then
  perl Build.PL && ./Build && ./Build test
elif [[ -f Makefile.PL ]]; then
  perl Makefile.PL && make test
else
  make test
fi"""

_REBAR = "[[ -f rebar.config || -f Rebar.config ]]"
ERLANG_INSTALL = f"""\
# rebar get-deps
if {_REBAR} && [[ -f ./rebar ]]; then
  travis_retry ./rebar get-deps
elif {_REBAR} && ! command -v rebar3 >/dev/null; then
  travis_retry rebar get-deps
fi"""
ERLANG_SCRIPT = f"""\
# rebar eunit
if {_REBAR} && [[ -f ./rebar ]]; then
  ./rebar compile && ./rebar skip_deps=true eunit
elif {_REBAR} && command -v rebar3 >/dev/null; then
  rebar3 eunit
elif {_REBAR}; then
  rebar compile && rebar skip_deps=true eunit
else
  make test
fi"""

JULIA = "julia --check-bounds=yes --color=yes -e 'using Pkg; Pkg.build(); Pkg.test(coverage=true)'"

R_SETTINGS = ('export R_LIBS_USER="$TRAVIS_HOME/R/Library" NOT_CRAN=true', 'mkdir -p "$R_LIBS_USER"')
R_INSTALL = "Rscript -e 'install.packages(\"remotes\"); remotes::install_deps(dependencies = TRUE)'"
R_SCRIPT = "R CMD build . && R CMD check *.tar.gz --as-cran"
