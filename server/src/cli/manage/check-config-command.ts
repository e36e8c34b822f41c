import { readConfig } from "../../config/config.ts";
import { describeConfig, describeVariables } from "../../config/describe-config.ts";
import { withTutorialHosts } from "../../config/tutorial-hosts.ts";
import { ConfigError, type ConfigProblem, problemLine } from "../../errors/config-problem.ts";
import { refuseUnsafe } from "../doctor/settings-checks.ts";
import { readArguments } from "../terminal/read-arguments.ts";
import type { Command } from "./command.ts";

/** Works where the configuration doesn't: that is what it is for. Secrets are hidden. */
export const checkConfig: Command = {
  usage: "check-config [--hosts] [--json]",
  zh: "检查配置，列出所有问题；没有问题时显示生效的值（密钥不显示）",
  en: "check the configuration and name every problem, or show what is in force (no secrets)",
  details: {
    zh: "  --hosts             按 start --hosts 检查：使用教程的两个域名",
    en: "  --hosts             as start --hosts would have it: the tutorial's two host names",
  },
  async runOnSource({ source: given, terminal }, args) {
    const { values } = readArguments(args, { hosts: { type: "boolean" }, json: { type: "boolean" } });
    let source = given;
    const problems = problemsOf(() => {
      if (values.hosts) source = withTutorialHosts(given);
      refuseUnsafe(readConfig(source));
    });
    if (values.json) {
      terminal.print(
        JSON.stringify({ ok: problems.length === 0, problems, variables: describeVariables(source) }),
      );
    } else if (problems.length > 0) {
      terminal.note(terminal.language === "zh" ? "配置有误：" : "The configuration has problems:");
      for (const problem of problems) terminal.note(`  ${problemLine(problem)}`);
    } else terminal.print(describeConfig(source).trimEnd());
    return problems.length === 0 ? 0 : 1;
  },
};

function problemsOf(read: () => void): readonly ConfigProblem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
