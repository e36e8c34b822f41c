import { type Config, readConfig } from "../../config/config.ts";
import { describeConfig, describeVariables, settingsInForce } from "../../config/describe-config.ts";
import { withTutorialHosts } from "../../config/tutorial-hosts.ts";
import { ConfigError, type ConfigProblem, problemLine } from "../../errors/config-problem.ts";
import { type Command, defineCommand } from "../command/command.ts";
import { refuseUnsafe } from "../doctor/settings-checks.ts";

/**
 * Works where the configuration doesn't: that is what it is for. Secrets are hidden. Where a second factor is demanded of somebody
 * it looks into the database for who has none; it makes none, and its exit code is about the settings alone.
 */
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
  async run({ source: given, terminal, host }, { values, json }) {
    let source = given;
    const read = readOrProblems(() => {
      if (values.hosts) source = withTutorialHosts(given);
      return readConfig(source);
    });
    const problems = "problems" in read ? read.problems : [];
    const look = "problems" in read ? null : await lookOf(read);
    if (json) {
      const settings = settingsInForce(source, host.environment ?? {});
      const variables = describeVariables(source).map((one, at) => ({ ...one, from: settings[at]!.from }));
      const second_factor = look?.found ?? null;
      terminal.print(JSON.stringify({ ok: problems.length === 0, problems, variables, second_factor }));
    } else if (problems.length > 0) {
      terminal.note(terminal.language === "zh" ? "配置有误：" : "The configuration has problems:");
      for (const problem of problems) terminal.note(`  ${problemLine(problem)}`);
    } else {
      terminal.print(describeConfig(source).trimEnd());
      if (look !== null) terminal.print(`# ${look.text[terminal.language]}`);
    }
    return problems.length === 0 ? 0 : 1;
  },
});

/** What a production start would run with, or what keeps it from that. */
function readOrProblems(read: () => Config): Config | { readonly problems: readonly ConfigProblem[] } {
  try {
    const config = read();
    refuseUnsafe(config);
    return config;
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

/** Null where no second factor is demanded of anybody. What opens databases is loaded only now: settings alone need none of it. */
async function lookOf(config: Config) {
  if (config.secondFactorPolicy.rules.length === 0) return null;
  const { lookAtSecondFactors, lookText } = await import("../doctor/second-factor-look.ts");
  const found = await lookAtSecondFactors(config);
  return found === null ? null : { found, text: lookText(found) };
}
