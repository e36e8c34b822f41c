import { type Command, defineCommand, show } from "../command/command.ts";
import { explainOutput } from "../terminal/output-file.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure, type Terminal } from "../terminal/terminal.ts";

/** The list of breached passwords that new ones are compared with. */
export const passwords: Command = defineCommand({
  name: "passwords",
  group: "look",
  needs: "nothing",
  json: true,
  zh: "把已泄露密码的哈希列表做成可离线查询的文件",
  en: "makes a list of breached passwords into a file that new passwords are compared with, offline",
  verbs: {
    "import-breached": {
      words: { zh: "<列表>", en: "<list>" },
      zh: "读取按哈希排序的 SHA-1 列表，写出 BREACHED_PASSWORDS_FILE",
      en: "reads SHA-1 hashes in their order and writes the BREACHED_PASSWORDS_FILE",
    },
  },
  options: {
    into: {
      type: "string",
      value: { zh: "<文件>", en: "<file>" },
      zh: "要写的文件；省略时为当前文件夹中的 breached-passwords",
      en: "the file to write; breached-passwords in this folder unless given",
    },
    "at-least": {
      type: "string",
      value: { zh: "<次数>", en: "<times>" },
      zh: "只取至少泄露过这么多次的密码；省略时全取",
      en: "takes only what was seen so often; all of them unless given",
    },
  },
  details: {
    zh: `列表可以是 haveibeenpwned.com 的下载工具写出的一个文件（每行“哈希:次数”），或每个前缀一个文件的文件夹。
文件每个密码占两个字节，查询一次读 4 KB，不占内存；约一千七百个好密码中有一个会被误认，换一个即可。
例：passwords import-breached pwned.txt --at-least 10 --into /etc/meiduo/breached-passwords`,
    en: `The list is what the downloader of haveibeenpwned.com writes: one file with "hash:times" in each line, or a folder with a
file for each prefix. The file takes two bytes for each password and no memory. One good password in about 1,700 is taken for
one of the list; its owner chooses again.
Example: passwords import-breached pwned.txt --at-least 10 --into /etc/meiduo/breached-passwords`,
  },
  check({ values }) {
    if (values["at-least"] !== undefined && !/^[1-9]\d{0,8}$/.test(values["at-least"])) {
      throw new UsageError("--at-least 请写正整数。", "--at-least must be a whole number above 0.");
    }
  },
  async run({ terminal, clock, path }, { words: [source = ""], values, json }) {
    const { makeBreachedFile } = await import("../../passwords/breached/make-breached-file.ts");
    const file = path(values.into ?? "breached-passwords");
    const header = await makeBreachedFile({
      ...{ source: path(source), file, atLeast: Number(values["at-least"] ?? 1) },
      madeAt: new Date(clock.now()).toISOString(),
      progress: (step, lines) => terminal.progress(progressLine(terminal, step, lines)),
    }).catch((error: NodeJS.ErrnoException) => {
      throw error.path === path(source) ? unreadable(error, source) : explainOutput(error, file);
    });
    terminal.progress("");
    const zh = terminal.language === "zh";
    const text = zh
      ? `${file}：${header.entries} 个密码。设置 BREACHED_PASSWORDS_FILE=${file} 并重启后生效。`
      : `${file}: ${header.entries} passwords. Set BREACHED_PASSWORDS_FILE=${file} and restart.`;
    show(terminal, json, { file, ...header }, text);
    return 0;
  },
});

function progressLine({ language }: Terminal, step: "reading" | "writing", lines: number): string {
  const names = { reading: { zh: "清点", en: "counting" }, writing: { zh: "写入", en: "writing" } };
  return `${names[step][language]} ${lines}`;
}

const unreadable = ({ message }: Error, source: string) =>
  new CommandFailure(`无法读取 ${source}：${message}。`, `${source} can't be read: ${message}.`);
