import { readConfig } from "../../config/config.ts";
import { describeConfig, describeVariables } from "../../config/describe-config.ts";
import { withTutorialHosts } from "../../config/tutorial-hosts.ts";
import { ConfigError, type ConfigProblem, problemLine } from "../../errors/config-problem.ts";
import { type Command, defineCommand } from "../command/command.ts";
import { refuseUnsafe } from "../doctor/settings-checks.ts";

/** Works where the configuration doesn't: that is what it is for. Secrets are hidden. */
export const checkConfig: Command = defineCommand({
  name: "check-config",
  group: "look",
  needs: "nothing",
  npmScript: true,
  json: true,
  zh: "显示生效的配置（不含密钥），或列出全部问题",
  en: "shows the effective configuration, without secrets, or every problem of it",
  options: {
    hosts: {
      type: "boolean",
      zh: "按 start --hosts 检查：使用教程的两个域名",
      en: "as with start --hosts: the tutorial's two host names",
    },
  },
  async run({ source: given, terminal }, { values, json }) {
    let source = given;
    const problems = problemsOf(() => {
      if (values.hosts) source = withTutorialHosts(given);
      refuseUnsafe(readConfig(source));
    });
    if (json) {
      terminal.print(
        JSON.stringify({ ok: problems.length === 0, problems, variables: describeVariables(source) }),
      );
    } else if (problems.length > 0) {
      terminal.note(terminal.language === "zh" ? "配置有误：" : "The configuration has problems:");
      for (const problem of problems) terminal.note(`  ${problemLine(problem)}`);
    } else terminal.print(describeConfig(source).trimEnd());
    return problems.length === 0 ? 0 : 1;
  },
});

function problemsOf(read: () => void): readonly ConfigProblem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
