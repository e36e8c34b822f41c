import { textsOf } from "../../errors/errors.ts";
import type { NewPasswords } from "../../passwords/new-passwords.ts";
import type { AccountWords } from "../../passwords/password-policy.ts";
import { CommandFailure, type Terminal } from "./terminal.ts";

/** Who hashes here, in a process of its own. */
export const operator = { client: "command line", account: null };

/** The flag of each command that takes a new password. */
export const passwordOption = {
  type: "boolean",
  zh: "从标准输入的第一行读取密码，而不是询问",
  en: "reads the password from the first line of standard input and asks nothing",
} as const;

/**
 * A new password from whoever runs the command: asked for twice without showing it, or the first line of
 * standard input. Never a flag or an environment variable: those show in process lists and histories.
 */
export async function readNewPassword(
  { terminal, newPasswords }: { readonly terminal: Terminal; readonly newPasswords: NewPasswords },
  options: { fromStdin: boolean; account: AccountWords },
): Promise<string> {
  const isChinese = terminal.language === "zh";
  // A terminal shows what is typed into its standard input: whoever sits there is asked instead.
  if (options.fromStdin && !terminal.isInteractive) {
    const password = await terminal.readLine();
    const problem = await newPasswords.problem(password, options.account);
    if (problem === null) return password;
    const { zh, en } = textsOf(problem);
    throw new CommandFailure(zh, en);
  }
  for (let attempt = 0; attempt < 3; attempt++) {
    const password = await terminal.askSecret(isChinese ? "密码：" : "Password: ");
    const problem = await newPasswords.problem(password, options.account);
    if (problem) {
      terminal.note(textsOf(problem)[terminal.language]);
      continue;
    }
    if (password === (await terminal.askSecret(isChinese ? "再输一次：" : "Password (again): ")))
      return password;
    terminal.note(isChinese ? "两次密码不一致。" : "The two passwords do not match.");
  }
  throw new CommandFailure("没有设置密码。", "No password was set.");
}
