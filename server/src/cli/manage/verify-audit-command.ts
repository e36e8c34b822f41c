import { type ChainFinding, type ChainReport, verifyChain } from "../../audit/verify-chain.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { UsageError } from "../terminal/read-arguments.ts";

/** The audit log against its chain: reads, and writes nothing. Ends with 1 where something was found, or where there is no chain. */
export const verifyAudit: Command = defineCommand({
  name: "verify-audit",
  group: "look",
  needs: "database",
  json: true,
  zh: "审计日志有没有被改过（AUDIT_CHAIN）",
  en: "whether the audit log was tampered with (AUDIT_CHAIN)",
  options: {
    head: {
      type: "string",
      value: { zh: "<编号>:<摘要>", en: "<n>:<hash>" },
      zh: "以前记在别处的末端：确认日志仍包含它",
      en: "a head that was noted elsewhere: that the log still goes through it",
    },
  },
  check({ values: { head } }) {
    if (head !== undefined && headOf(head) === null) {
      throw new UsageError(
        "--head 请照抄以前打印的末端，如 1200:u3f…。",
        "--head is a head as it was printed, such as 1200:u3f….",
      );
    }
  },
  async run({ config, db, terminal }, { values: { head }, json }) {
    const report = await verifyChain(db, secretKeysOf(config), head === undefined ? null : headOf(head));
    show(terminal, json, report, textOf(report)[terminal.language]);
    return report.found === 0 && report.linked > 0 ? 0 : 1;
  },
});

function headOf(text: string): { entryId: number; hash: string } | null {
  const [, number, hash] = /^([1-9]\d{0,14}):([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  return number === undefined ? null : { entryId: Number(number), hash: hash! };
}

const words: Readonly<Record<ChainFinding["what"], { readonly zh: string; readonly en: string }>> = {
  changed: { zh: "内容被改过", en: "was changed" },
  value_changed: { zh: "姓名或取值被改过", en: "has another name or value than it had" },
  blanked: { zh: "取值被抹去，而账号还在", en: "was blanked, and the account is still here" },
  unsigned: {
    zh: "已清理而没有签名：当时与链不符，或其账号的清除没有凭据",
    en: "was purged without a signature: it was not as it was linked, or nothing vouches for the erasure",
  },
  missing: { zh: "不见了，也不是到期清理的", en: "is gone, and no purge took it" },
  added: { zh: "是后来插入的", en: "was put in afterwards" },
  broken: { zh: "与前一条接不上", en: "does not follow from the one before" },
  signature: {
    zh: "签名不对（或 SECRET_KEY 不是当时的）",
    en: "is not signed by a SECRET_KEY that is known here",
  },
  head: { zh: "与记在别处的末端不符", en: "is not what was noted of it" },
};

function textOf({ linked, notLinked, purged, erased, head, findings, found }: ChainReport) {
  if (linked === 0) {
    return {
      zh: "还没有链。设 AUDIT_CHAIN=on 并重启，后台进程会从最早的一条开始连接。",
      en: "There is no chain. With AUDIT_CHAIN=on and a restart the background work links every entry, from the oldest on.",
    };
  }
  const lines = (language: "zh" | "en") =>
    findings.map(({ entryId, what }) => `  #${entryId} ${words[what][language]}`).join("\n");
  const rest = found - findings.length;
  const sums = {
    zh: `${linked} 条已连接，${notLinked} 条尚未连接；${purged} 条到期清理，${erased} 条所涉账号已清除。\n末端（请记在别处）：${head}`,
    en: `${linked} entries are linked, ${notLinked} not yet; ${purged} were purged when due, ${erased} are about people who were erased.\nHead (note it elsewhere): ${head}`,
  };
  if (found === 0) return { zh: `没有被改过。\n${sums.zh}`, en: `Nothing was tampered with.\n${sums.en}` };
  return {
    zh: `发现 ${found} 处：\n${lines("zh")}${rest > 0 ? `\n  另有 ${rest} 处` : ""}\n${sums.zh}`,
    en: `${found} found:\n${lines("en")}${rest > 0 ? `\n  and ${rest} more` : ""}\n${sums.en}`,
  };
}
