import type { Terminal } from "../terminal/terminal.ts";

/** The address of a database, from standard input where it is given as `-`: it holds a password, which no terminal and no process list must show. */
export async function addressOf(terminal: Terminal, given: string): Promise<string> {
  if (given !== "-") return given;
  const question =
    terminal.language === "zh" ? "数据库地址（不回显）：" : "Address of the database (not shown): ";
  return (await (terminal.isInteractive ? terminal.askSecret(question) : terminal.readLine())).trim();
}
