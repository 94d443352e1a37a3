"""Three orbs of CircleCI that are understood without their source: what their elements come to here.

`circleci/windows` gives environments that can't be had here; they are planned and then skipped.
`circleci/path-filtering` and `circleci/continuation` end in the tool `understudy-continue`, which takes the place of a
call to the service's API. See https://circleci.com/docs/guides/orchestrate/using-dynamic-configuration/.
"""

PATH_FILTER = "understudy/path-filter"
"""The step that becomes the parameters of the changed files; no file can say it, for no orb is called understudy."""

_WINDOWS = """
executors:
  default: &gui
    parameters:
      shell: {type: string, default: powershell.exe -ExecutionPolicy Bypass}
      size: {type: string, default: medium}
      variant: {type: string, default: ""}
      version: {type: string, default: current}
    machine: {image: "windows-server-2022-gui:<< parameters.version >>"}
    resource_class: windows.<< parameters.size >>
    shell: << parameters.shell >>
  2022-gui: *gui
  server-2022: *gui
  server-2019:
    <<: *gui
    machine: {image: "windows-server-2019:<< parameters.version >>"}
  server-2022-cuda: &cuda
    <<: *gui
    machine: {image: "windows-server-2022-cuda:<< parameters.version >>"}
    resource_class: windows.gpu.nvidia.<< parameters.size >>
  windows: *gui
  windows-cuda: *cuda
  gpu-nvidia: *cuda
  server-2019-cuda:
    <<: *cuda
    machine: {image: "windows-server-2019-cuda:<< parameters.version >>"}
"""

_CONTINUATION = """
executors:
  default:
    docker: [{image: cimg/base:stable}]
commands:
  continue: &continue
    parameters: &arguments
      configuration_path: {type: string}
      parameters: {type: string, default: "{}"}
    steps: &steps
      - run:
          name: Continue Pipeline
          environment:
            CONFIG_PATH: << parameters.configuration_path >>
            PARAMETERS: << parameters.parameters >>
          command: understudy-continue "$CONFIG_PATH" "$PARAMETERS"
jobs:
  continue:
    parameters:
      <<: *arguments
      checkout: {type: boolean, default: true}
      workspace_path: {type: string, default: ""}
      executor: {type: executor, default: default}
    executor: << parameters.executor >>
    steps:
      - when: {condition: << parameters.checkout >>, steps: [checkout]}
      - when:
          condition: << parameters.workspace_path >>
          steps: [{attach_workspace: {at: << parameters.workspace_path >>}}]
      - continue:
          configuration_path: << parameters.configuration_path >>
          parameters: << parameters.parameters >>
"""

_PATH_FILTERING = """
executors:
  default:
    docker: [{image: cimg/python:3.8}]
commands:
  set-parameters:
    parameters: &arguments
      base-revision: {type: string, default: main}
      mapping: {type: string, default: ""}
      config-path: {type: string, default: .circleci/continue_config.yml}
      output-path: {type: string, default: /tmp/pipeline-parameters.json}
    steps:
      - understudy/path-filter:
          base-revision: << parameters.base-revision >>
          mapping: << parameters.mapping >>
          config-path: << parameters.config-path >>
          output-path: << parameters.output-path >>
  generate-config:
    parameters:
      config-list-path: {type: string, default: /tmp/filtered-config-list}
      generated-config-path: {type: string, default: /tmp/generated-config.yml}
    steps:
      - run:
          name: Generate config
          environment:
            LIST: << parameters.config-list-path >>
            GENERATED: << parameters.generated-config-path >>
          command: cp "$(cat "$LIST")" "$GENERATED"
jobs:
  filter:
    parameters:
      <<: *arguments
      checkout: {type: boolean, default: true}
      workspace_path: {type: string, default: ""}
      executor: {type: executor, default: default}
    executor: << parameters.executor >>
    steps:
      - when:
          condition: << parameters.workspace_path >>
          steps: [{attach_workspace: {at: << parameters.workspace_path >>}}]
      - when: {condition: << parameters.checkout >>, steps: [checkout]}
      - set-parameters:
          base-revision: << parameters.base-revision >>
          mapping: << parameters.mapping >>
          config-path: << parameters.config-path >>
          output-path: << parameters.output-path >>
      - run:
          name: Continue Pipeline
          environment: {PARAMETERS: << parameters.output-path >>}
          command: understudy-continue "$(cat /tmp/filtered-config-list)" "$PARAMETERS"
"""

SOURCES = {
    "circleci/windows": _WINDOWS,
    "circleci/continuation": _CONTINUATION,
    "circleci/path-filtering": _PATH_FILTERING,
}

REPLACED = frozenset({"circleci/continuation", "circleci/path-filtering"})
"""Those whose own source would talk to the service, so that it is not used even where it is here."""
