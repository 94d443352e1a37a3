"""What often used actions take and give, by the version that is asked for; from their own `action.yml`.

An input with `!` must be given, one with `~` is deprecated. An action that makes up its outputs has `*` among them.
"""

Entry = tuple[str, str, str]
"""The refs it is about, inputs, outputs."""

TABLE: dict[str, tuple[Entry, ...]] = {
    "actions/cache": (
        (
            "v1",
            "path! key! restore-keys",
            "cache-hit",
        ),
        (
            "v2",
            "path! key! restore-keys upload-chunk-size",
            "cache-hit",
        ),
        (
            "v3",
            ("path! key! restore-keys upload-chunk-size enableCrossOsArchive fail-on-cache-miss lookup-only"),
            "cache-hit",
        ),
        (
            "v4 v5",
            (
                "path! key! restore-keys upload-chunk-size enableCrossOsArchive fail-on-cache-miss "
                "lookup-only save-always~"
            ),
            "cache-hit",
        ),
    ),
    "actions/cache/restore": (
        (
            "v3 v4 v5",
            "path! key! restore-keys enableCrossOsArchive fail-on-cache-miss lookup-only",
            "cache-hit cache-primary-key cache-matched-key",
        ),
    ),
    "actions/cache/save": (
        (
            "v3 v4 v5",
            "path! key! upload-chunk-size enableCrossOsArchive",
            "",
        ),
    ),
    "actions/checkout": (
        (
            "v1",
            "repository ref token clean submodules lfs fetch-depth path",
            "",
        ),
        (
            "v2",
            (
                "repository ref token ssh-key ssh-known-hosts ssh-strict persist-credentials path clean "
                "fetch-depth lfs submodules set-safe-directory allow-unsafe-pr-checkout"
            ),
            "",
        ),
        (
            "v3",
            (
                "repository ref token ssh-key ssh-known-hosts ssh-strict persist-credentials path clean "
                "sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags lfs submodules "
                "set-safe-directory github-server-url allow-unsafe-pr-checkout"
            ),
            "",
        ),
        (
            "v4 v5 v6 v7",
            (
                "repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path "
                "clean filter sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress "
                "lfs submodules set-safe-directory github-server-url allow-unsafe-pr-checkout"
            ),
            "ref commit",
        ),
    ),
    "actions/deploy-pages": (
        (
            "v1",
            ("emit_telemetry~ conclusion~ token timeout error_count reporting_interval artifact_name preview"),
            "page_url",
        ),
        (
            "v2 v3 v4 v5",
            "token timeout error_count reporting_interval artifact_name preview",
            "page_url",
        ),
    ),
    "actions/download-artifact": (
        (
            "v1",
            "name! path",
            "",
        ),
        (
            "v2 v3",
            "name path",
            "",
        ),
        (
            "v4 v5 v6 v7",
            "name artifact-ids path pattern merge-multiple github-token repository run-id",
            "download-path",
        ),
        (
            "v8",
            (
                "name artifact-ids path pattern merge-multiple github-token repository run-id skip-decompress "
                "digest-mismatch"
            ),
            "download-path",
        ),
    ),
    "actions/github-script": (
        (
            "v1 v2 v3 v4 v5",
            "script! github-token debug user-agent previews result-encoding",
            "result *",
        ),
        (
            "v6",
            ("script! github-token debug user-agent previews result-encoding retries retry-exempt-status-codes"),
            "result *",
        ),
        (
            "v7 v8",
            (
                "script! github-token debug user-agent previews result-encoding retries "
                "retry-exempt-status-codes base-url"
            ),
            "result *",
        ),
    ),
    "actions/setup-java": (
        (
            "v3",
            (
                "java-version java-version-file distribution! java-package architecture jdkFile check-latest "
                "server-id server-username server-password settings-path overwrite-settings gpg-private-key "
                "gpg-passphrase cache job-status token mvn-toolchain-id mvn-toolchain-vendor"
            ),
            "distribution version path cache-hit",
        ),
        (
            "v4",
            (
                "java-version java-version-file distribution! java-package architecture jdkFile check-latest "
                "server-id server-username server-password settings-path overwrite-settings gpg-private-key "
                "gpg-passphrase cache cache-dependency-path job-status token mvn-toolchain-id "
                "mvn-toolchain-vendor"
            ),
            "distribution version path cache-hit",
        ),
        (
            "v5",
            (
                "java-version java-version-file distribution java-package architecture jdk-file jdkFile~ "
                "check-latest set-default verify-signature verify-signature-public-key server-id "
                "server-username server-password settings-path overwrite-settings gpg-private-key "
                "gpg-passphrase cache cache-dependency-path job-status token mvn-toolchain-id "
                "mvn-toolchain-vendor show-download-progress"
            ),
            "distribution version path cache-hit cache-primary-key",
        ),
    ),
    "actions/setup-node": (
        (
            "v1",
            "always-auth node-version registry-url scope version~",
            "",
        ),
        (
            "v2",
            (
                "always-auth node-version node-version-file architecture check-latest registry-url scope "
                "token cache cache-dependency-path version~"
            ),
            "cache-hit",
        ),
        (
            "v3",
            (
                "always-auth node-version node-version-file architecture check-latest registry-url scope "
                "token cache cache-dependency-path"
            ),
            "cache-hit node-version",
        ),
        (
            "v4",
            (
                "always-auth node-version node-version-file architecture check-latest registry-url scope "
                "token cache cache-dependency-path mirror mirror-token"
            ),
            "cache-hit node-version",
        ),
        (
            "v5",
            (
                "always-auth node-version node-version-file architecture check-latest registry-url scope "
                "token cache package-manager-cache cache-dependency-path mirror mirror-token"
            ),
            "cache-hit node-version",
        ),
        (
            "v6",
            (
                "node-version node-version-file architecture check-latest registry-url scope token cache "
                "package-manager-cache cache-dependency-path mirror mirror-token"
            ),
            "cache-hit node-version",
        ),
        (
            "v7",
            (
                "node-version node-version-file architecture check-latest registry-url scope token cache "
                "package-manager-cache cache-dependency-path mirror mirror-token"
            ),
            "cache-hit cache-primary-key cache-matched-key node-version",
        ),
    ),
    "actions/setup-python": (
        (
            "v1",
            "python-version architecture",
            "python-version",
        ),
        (
            "v2",
            "python-version cache architecture token cache-dependency-path",
            "python-version",
        ),
        (
            "v3",
            "python-version cache architecture token cache-dependency-path",
            "python-version cache-hit",
        ),
        (
            "v4",
            (
                "python-version python-version-file cache architecture check-latest token "
                "cache-dependency-path update-environment allow-prereleases"
            ),
            "python-version cache-hit python-path",
        ),
        (
            "v5",
            (
                "python-version python-version-file cache architecture check-latest token "
                "cache-dependency-path update-environment allow-prereleases freethreaded"
            ),
            "python-version cache-hit python-path",
        ),
        (
            "v6",
            (
                "python-version python-version-file cache architecture check-latest token "
                "cache-dependency-path update-environment allow-prereleases freethreaded pip-version "
                "pip-install"
            ),
            "python-version cache-hit python-path",
        ),
        (
            "v7",
            (
                "python-version python-version-file cache architecture check-latest token "
                "cache-dependency-path update-environment allow-prereleases freethreaded pip-version"
            ),
            "python-version cache-hit python-path",
        ),
    ),
    "actions/stale": (
        (
            "v10",
            (
                "repo-token stale-issue-message stale-pr-message close-issue-message close-pr-message "
                "days-before-stale days-before-issue-stale days-before-pr-stale days-before-close "
                "days-before-issue-close days-before-pr-close stale-issue-label close-issue-label "
                "exempt-issue-labels close-issue-reason stale-pr-label close-pr-label exempt-pr-labels "
                "exempt-milestones exempt-issue-milestones exempt-pr-milestones exempt-all-milestones "
                "exempt-all-issue-milestones exempt-all-pr-milestones only-labels any-of-labels "
                "any-of-issue-labels any-of-pr-labels only-issue-labels only-pr-labels operations-per-run "
                "remove-stale-when-updated remove-issue-stale-when-updated remove-pr-stale-when-updated "
                "debug-only ascending sort-by delete-branch start-date exempt-assignees "
                "exempt-issue-assignees exempt-pr-assignees exempt-all-assignees exempt-all-issue-assignees "
                "exempt-all-pr-assignees exempt-draft-pr enable-statistics labels-to-add-when-unstale "
                "labels-to-remove-when-stale labels-to-remove-when-unstale ignore-updates "
                "ignore-issue-updates ignore-pr-updates include-only-assigned only-issue-types"
            ),
            "closed-issues-prs staled-issues-prs",
        ),
        (
            "v4",
            (
                "repo-token stale-issue-message stale-pr-message close-issue-message close-pr-message "
                "days-before-stale days-before-issue-stale days-before-pr-stale days-before-close "
                "days-before-issue-close days-before-pr-close stale-issue-label close-issue-label "
                "exempt-issue-labels stale-pr-label close-pr-label exempt-pr-labels exempt-milestones "
                "exempt-issue-milestones exempt-pr-milestones exempt-all-milestones "
                "exempt-all-issue-milestones exempt-all-pr-milestones only-labels any-of-labels "
                "any-of-issue-labels any-of-pr-labels only-issue-labels only-pr-labels operations-per-run "
                "remove-stale-when-updated remove-issue-stale-when-updated remove-pr-stale-when-updated "
                "debug-only ascending delete-branch start-date exempt-assignees exempt-issue-assignees "
                "exempt-pr-assignees exempt-all-assignees exempt-all-issue-assignees exempt-all-pr-assignees "
                "exempt-draft-pr enable-statistics labels-to-add-when-unstale labels-to-remove-when-unstale "
                "ignore-updates ignore-issue-updates ignore-pr-updates"
            ),
            "closed-issues-prs staled-issues-prs",
        ),
        (
            "v5 v6 v7",
            (
                "repo-token stale-issue-message stale-pr-message close-issue-message close-pr-message "
                "days-before-stale days-before-issue-stale days-before-pr-stale days-before-close "
                "days-before-issue-close days-before-pr-close stale-issue-label close-issue-label "
                "exempt-issue-labels close-issue-reason stale-pr-label close-pr-label exempt-pr-labels "
                "exempt-milestones exempt-issue-milestones exempt-pr-milestones exempt-all-milestones "
                "exempt-all-issue-milestones exempt-all-pr-milestones only-labels any-of-labels "
                "any-of-issue-labels any-of-pr-labels only-issue-labels only-pr-labels operations-per-run "
                "remove-stale-when-updated remove-issue-stale-when-updated remove-pr-stale-when-updated "
                "debug-only ascending delete-branch start-date exempt-assignees exempt-issue-assignees "
                "exempt-pr-assignees exempt-all-assignees exempt-all-issue-assignees exempt-all-pr-assignees "
                "exempt-draft-pr enable-statistics labels-to-add-when-unstale labels-to-remove-when-unstale "
                "ignore-updates ignore-issue-updates ignore-pr-updates include-only-assigned"
            ),
            "closed-issues-prs staled-issues-prs",
        ),
        (
            "v8 v9",
            (
                "repo-token stale-issue-message stale-pr-message close-issue-message close-pr-message "
                "days-before-stale days-before-issue-stale days-before-pr-stale days-before-close "
                "days-before-issue-close days-before-pr-close stale-issue-label close-issue-label "
                "exempt-issue-labels close-issue-reason stale-pr-label close-pr-label exempt-pr-labels "
                "exempt-milestones exempt-issue-milestones exempt-pr-milestones exempt-all-milestones "
                "exempt-all-issue-milestones exempt-all-pr-milestones only-labels any-of-labels "
                "any-of-issue-labels any-of-pr-labels only-issue-labels only-pr-labels operations-per-run "
                "remove-stale-when-updated remove-issue-stale-when-updated remove-pr-stale-when-updated "
                "debug-only ascending delete-branch start-date exempt-assignees exempt-issue-assignees "
                "exempt-pr-assignees exempt-all-assignees exempt-all-issue-assignees exempt-all-pr-assignees "
                "exempt-draft-pr enable-statistics labels-to-add-when-unstale labels-to-remove-when-stale "
                "labels-to-remove-when-unstale ignore-updates ignore-issue-updates ignore-pr-updates "
                "include-only-assigned"
            ),
            "closed-issues-prs staled-issues-prs",
        ),
    ),
    "actions/upload-artifact": (
        (
            "v1",
            "name! path!",
            "",
        ),
        (
            "v2",
            "name path! if-no-files-found retention-days",
            "",
        ),
        (
            "v3",
            "name path! if-no-files-found retention-days include-hidden-files",
            "",
        ),
        (
            "v4 v5 v6",
            ("name path! if-no-files-found retention-days compression-level overwrite include-hidden-files"),
            "artifact-id artifact-url artifact-digest",
        ),
        (
            "v7",
            ("name path! if-no-files-found retention-days compression-level overwrite include-hidden-files archive"),
            "artifact-id artifact-url artifact-digest",
        ),
    ),
    "actions/upload-pages-artifact": (
        (
            "v0",
            "path retention-days",
            "",
        ),
        (
            "v1 v2",
            "name path retention-days",
            "",
        ),
        (
            "v3 v4",
            "name path retention-days",
            "artifact_id",
        ),
        (
            "v5",
            "name path retention-days include-hidden-files",
            "artifact_id",
        ),
    ),
    "astral-sh/setup-uv": (
        (
            "v1 v2",
            ("version checksum github-token enable-cache cache-dependency-glob cache-suffix cache-local-path"),
            "uv-version cache-hit",
        ),
        (
            "v3",
            (
                "version checksum github-token enable-cache cache-dependency-glob cache-suffix "
                "cache-local-path prune-cache tool-dir tool-bin-dir"
            ),
            "uv-version cache-hit",
        ),
        (
            "v4",
            (
                "version python-version checksum github-token enable-cache cache-dependency-glob cache-suffix "
                "cache-local-path prune-cache ignore-nothing-to-cache tool-dir tool-bin-dir"
            ),
            "uv-version cache-hit",
        ),
        (
            "v5",
            (
                "version pyproject-file uv-file python-version checksum github-token enable-cache "
                "cache-dependency-glob cache-suffix cache-local-path prune-cache ignore-nothing-to-cache "
                "ignore-empty-workdir tool-dir tool-bin-dir"
            ),
            "uv-version uv-path uvx-path cache-hit",
        ),
        (
            "v6",
            (
                "version version-file python-version activate-environment working-directory checksum "
                "server-url github-token enable-cache cache-dependency-glob restore-cache save-cache "
                "cache-suffix cache-local-path prune-cache ignore-nothing-to-cache ignore-empty-workdir "
                "tool-dir tool-bin-dir manifest-file add-problem-matchers"
            ),
            "uv-version uv-path uvx-path cache-hit",
        ),
        (
            "v7",
            (
                "version version-file python-version activate-environment venv-path working-directory "
                "checksum github-token enable-cache cache-dependency-glob restore-cache save-cache "
                "cache-suffix cache-local-path prune-cache cache-python ignore-nothing-to-cache "
                "ignore-empty-workdir tool-dir tool-bin-dir manifest-file add-problem-matchers "
                "resolution-strategy"
            ),
            "uv-version uv-path uvx-path cache-hit cache-key venv python-version python-cache-hit",
        ),
    ),
    "codecov/codecov-action": (
        (
            "v1",
            (
                "token files directory flags aws_curl_args codecov_curl_args commit_parent env_vars "
                "fail_ci_if_error file functionalities gcov_args gcov_executable gcov_path_exclude "
                "gcov_path_include gcov_prefix gcov_root_dir move_coverage_to_trash name network_filter "
                "override_branch override_build override_commit override_pr override_tag path_to_write_report "
                "root_dir verbose working-directory xcode_derived_data xcode_package"
            ),
            "",
        ),
        (
            "v2",
            (
                "token files directory flags commit_parent dry_run env_vars fail_ci_if_error file "
                "functionalities move_coverage_to_trash name override_branch override_build override_commit "
                "override_pr override_tag os root_dir slug url verbose version working-directory"
            ),
            "",
        ),
        (
            "v3",
            (
                "token file files directory flags full_report commit_parent dry_run env_vars fail_ci_if_error "
                "functionalities gcov gcov_args gcov_executable gcov_ignore gcov_include "
                "move_coverage_to_trash name network_filter network_prefix os override_branch override_build "
                "override_commit override_pr override_tag root_dir slug swift swift_project upstream_proxy "
                "url verbose version working-directory xcode xcode_archive_path xtra_args"
            ),
            "",
        ),
        (
            "v4",
            (
                "token codecov_yml_path commit_parent directory disable_file_fixes disable_search "
                "disable_safe_directory dry_run env_vars exclude fail_ci_if_error file files flags "
                "git_service handle_no_reports_found job_code name network_filter network_prefix os "
                "override_branch override_build override_build_url override_commit override_pr plugin plugins "
                "report_code root_dir slug url use_legacy_upload_endpoint use_oidc verbose version "
                "working-directory"
            ),
            "",
        ),
        (
            "v5",
            (
                "base_sha binary codecov_yml_path commit_parent directory disable_file_fixes disable_search "
                "disable_safe_directory disable_telem dry_run env_vars exclude fail_ci_if_error files flags "
                "force git_service gcov_args gcov_executable gcov_ignore gcov_include handle_no_reports_found "
                "job_code name network_filter network_prefix os override_branch override_build "
                "override_build_url override_commit override_pr plugins recurse_submodules report_code "
                "report_type root_dir run_command skip_validation slug swift_project token url "
                "use_legacy_upload_endpoint use_oidc use_pypi verbose version working-directory"
            ),
            "",
        ),
    ),
    "conda-incubator/setup-miniconda": (
        (
            "v1",
            (
                "installer-url miniconda-version conda-version conda-build-version environment-file "
                "activate-environment python-version add-anaconda-token add-pip-as-python-dependency "
                "allow-softlinks auto-activate-base auto-update-conda condarc-file channel-alias "
                "channel-priority channels show-channel-urls use-only-tar-bz2 remove-profiles mamba-version "
                "architecture"
            ),
            "",
        ),
        (
            "v2",
            (
                "installer-url miniconda-version miniforge-variant miniforge-version conda-version "
                "conda-build-version environment-file activate-environment python-version add-anaconda-token "
                "add-pip-as-python-dependency allow-softlinks auto-activate-base auto-update-conda "
                "condarc-file channel-alias channel-priority channels show-channel-urls use-only-tar-bz2 "
                "remove-profiles mamba-version use-mamba architecture clean-patched-environment-file run-post"
            ),
            "environment-file environment-file-content environment-file-was-patched",
        ),
        (
            "v3",
            (
                "installer-url installation-dir miniconda-version miniforge-variant miniforge-version "
                "conda-version conda-build-version environment-file activate-environment python-version "
                "add-anaconda-token add-pip-as-python-dependency allow-softlinks auto-activate "
                "auto-activate-base auto-update-conda condarc-file channel-alias channel-priority channels "
                "conda-remove-defaults show-channel-urls pkgs-dirs use-only-tar-bz2 remove-profiles "
                "mamba-version use-mamba conda-solver architecture clean-patched-environment-file run-post"
            ),
            "environment-file environment-file-content environment-file-was-patched",
        ),
        (
            "v4",
            (
                "installer-url installation-dir miniconda-version miniforge-variant miniforge-version "
                "conda-version conda-build-version environment-file activate-environment python-version "
                "add-anaconda-token add-pip-as-python-dependency allow-softlinks auto-activate "
                "auto-activate-base auto-update-conda condarc-file channel-alias channel-priority channels "
                "conda-remove-defaults show-channel-urls pkgs-dirs use-only-tar-bz2 remove-profiles run-init "
                "mamba-version use-mamba conda-solver architecture clean-patched-environment-file run-post"
            ),
            "environment-file environment-file-content environment-file-was-patched",
        ),
    ),
    "coverallsapp/github-action": (
        (
            "v2",
            (
                "github-token path-to-lcov file files format flag-name build-number parallel "
                "parallel-finished carryforward coveralls-endpoint allow-empty base-path git-branch "
                "git-commit compare-ref compare-sha debug measure fail-on-error coverage-reporter-version "
                "coverage-reporter-platform"
            ),
            "",
        ),
    ),
    "docker/build-push-action": (
        (
            "v2",
            (
                "add-hosts allow build-args build-contexts builder cache-from cache-to cgroup-parent context "
                "file labels load network no-cache outputs platforms pull push secrets secret-files shm-size "
                "ssh tags target ulimit github-token"
            ),
            "imageid digest metadata",
        ),
        (
            "v3 v4",
            (
                "add-hosts allow attests build-args build-contexts builder cache-from cache-to cgroup-parent "
                "context file labels load network no-cache no-cache-filters outputs platforms provenance pull "
                "push sbom secrets secret-files shm-size ssh tags target ulimit github-token"
            ),
            "imageid digest metadata",
        ),
        (
            "v5",
            (
                "add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to "
                "cgroup-parent context file labels load network no-cache no-cache-filters outputs platforms "
                "provenance pull push sbom secrets secret-envs secret-files shm-size ssh tags target ulimit "
                "github-token"
            ),
            "imageid digest metadata",
        ),
        (
            "v6 v7",
            (
                "add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to "
                "call cgroup-parent context file labels load network no-cache no-cache-filters outputs "
                "platforms provenance pull push sbom secrets secret-envs secret-files shm-size ssh tags "
                "target ulimit github-token"
            ),
            "imageid digest metadata",
        ),
    ),
    "docker/login-action": (
        (
            "v1 v2",
            "registry username password ecr logout",
            "",
        ),
        (
            "v3 v4",
            "registry username password ecr scope logout registry-auth",
            "",
        ),
    ),
    "docker/setup-buildx-action": (
        (
            "v1",
            "version driver driver-opts buildkitd-flags install use endpoint config config-inline",
            "name driver endpoint status flags platforms",
        ),
        (
            "v2",
            (
                "version driver driver-opts buildkitd-flags install use endpoint platforms config "
                "config-inline append cleanup"
            ),
            "name driver platforms nodes endpoint status flags",
        ),
        (
            "v3",
            (
                "version driver driver-opts buildkitd-flags buildkitd-config buildkitd-config-inline use name "
                "endpoint platforms append keep-state cache-binary cleanup config~ config-inline~ install~"
            ),
            "name driver platforms nodes endpoint status flags",
        ),
        (
            "v4",
            (
                "version driver driver-opts buildkitd-flags buildkitd-config buildkitd-config-inline use name "
                "endpoint platforms append keep-state cache-binary cleanup"
            ),
            "name driver platforms nodes endpoint status flags",
        ),
    ),
    "octokit/request-action": (
        (
            "v2.x",
            "route! mediaType",
            "status headers data",
        ),
    ),
    "prefix-dev/setup-pixi": (
        (
            "v0.9.6",
            (
                "pixi-version pixi-url pixi-url-headers log-level manifest-path working-directory run-install "
                "environments global-environments activate-environment locked frozen cache global-cache "
                "cache-key global-cache-key cache-write pixi-bin-path auth-host auth-token auth-username "
                "auth-password auth-conda-token auth-s3-access-key-id auth-s3-secret-access-key "
                "auth-s3-session-token persist-credentials pypi-keyring-provider post-cleanup"
            ),
            "",
        ),
    ),
    "pypa/gh-action-pypi-publish": (
        (
            "release/v1",
            (
                "user password repository-url repository_url~ packages-dir packages_dir~ verify-metadata "
                "verify_metadata~ skip-existing skip_existing~ verbose print-hash print_hash~"
            ),
            "",
        ),
    ),
    "dorny/paths-filter": (
        ("v2 v3", "token working-directory ref base filters! list-files initial-fetch-depth predicate-quantifier", "*"),
    ),
}
