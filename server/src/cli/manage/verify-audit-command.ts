import { beginAnew, type ChainBeginning } from "../../audit/chain-beginning.ts";
import { type ChainFinding, type ChainReport, verifyChain } from "../../audit/verify-chain.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { notVouched, vouchFor } from "../../rights/erased-mac.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { vouchBy } from "./vouch-erasures.ts";

/**
 * The audit log against its chain. `check` reads, writes nothing, and ends with 1 where something was found, or where there is no chain;
 * `begin-anew` ends the chain and begins another; `vouch` is for erasures of before there were MACs.
 */
export const verifyAudit: Command = defineCommand({
  name: "verify-audit",
  group: "look",
  needs: "database",
  json: true,
  zh: "审计日志有没有被改过（AUDIT_CHAIN）",
  en: "whether the audit log was tampered with (AUDIT_CHAIN)",
  verbs: {
    check: {
      zh: "核对每条记录与它的一环；只读",
      en: "compares each entry with its link; writes nothing",
    },
    "begin-anew": {
      confirm: {
        zh: "现有的链会被删除，从最早的一条起重新连接现在的记录；verify-audit 今后会写明何时由谁重新开始。请先备份，并确认没有 0.7.0 或更早的进程在运行；确认请加 --yes。",
        en: "The chain is removed, and entries as they are now are linked again from the oldest on; verify-audit says from then on when and by whom. Make a backup first, and let no process of 0.7.0 or before run; add --yes to do it.",
      },
      zh: "SECRET_KEY 已丢失，或已查清所发现的问题并接受现状：结束现有的链，重新开始一条",
      en: "SECRET_KEY was lost, or what was found has been looked into and stays as it is: ends the\nchain and begins another",
    },
    vouch: {
      confirm: {
        zh: "verify-audit 列出的没有凭据的清除会补上凭据，此后清理有关它们的记录时会签名。请先确认这些编号都确实由本系统清除（与另外保存的 deleted-accounts.json 对照）；确认请加 --yes。",
        en: "Erasures that verify-audit lists as vouched for by nobody will be, and what is purged for them is signed from then on. First see that each of these ids was erased by this system (a copy of deleted-accounts.json has them); add --yes to do it.",
      },
      zh: "从没有凭据的版本升级后，或 SECRET_KEY 已丢失：为以前的清除补上凭据，有没有链都可以",
      en: "after the upgrade from a version without them, or where SECRET_KEY was lost: vouches for\nerasures of before, with and without a chain",
    },
  },
  defaultVerb: "check",
  options: {
    head: {
      type: "string",
      of: "check",
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
  async run(context, { verb, values: { head }, json }) {
    if (verb === "begin-anew") return beginAnewBy(context, json);
    if (verb === "vouch") return vouchBy(context, json);
    const { config, db, terminal } = context;
    const secretKeys = secretKeysOf(config);
    const report = await verifyChain(db, secretKeys, head === undefined ? null : headOf(head));
    const lacking = await notVouched(db, secretKeys);
    const text = textOf(report)[terminal.language] + lackingText(lacking)[terminal.language];
    show(terminal, json, { ...report, notVouched: lacking }, text);
    return report.found === 0 && report.linked > 0 ? 0 : 1;
  },
});

async function beginAnewBy({ config, db, clock, audit, actor, terminal }: ManageContext, json: boolean) {
  const secretKeys = secretKeysOf(config);
  const { linked, head: oldHead, found } = await verifyChain(db, secretKeys, null);
  if (linked === 0) throw new CommandFailure("还没有链。", "There is no chain.");
  const beginning = await db.transaction(
    async (transaction) => {
      const vouched = await vouchFor(transaction, secretKeys, "all");
      const how = { secretKeys, audit, actor, now: clock.now(), oldHead, found, vouched };
      return beginAnew(transaction, how);
    },
    { untimed: true },
  );
  const text = {
    zh: `链已重新开始；AUDIT_CHAIN=on 的后台进程会从最早的一条开始连接。以前的末端：${oldHead}，当时发现 ${found} 处。`,
    en: `The chain is begun anew; with AUDIT_CHAIN=on the background work links from the oldest entry on. The head before: ${oldHead}, ${found} found then.`,
  };
  show(terminal, json, beginning, text[terminal.language]);
  return 0;
}

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
  beginning: {
    zh: "链在此重新开始的标记没有签名",
    en: "is said to have begun the chain anew, and that is not signed by a SECRET_KEY that is known here",
  },
  head: { zh: "与记在别处的末端不符", en: "is not what was noted of it" },
};

function textOf({ linked, notLinked, purged, erased, head, begun, findings, found }: ChainReport) {
  const since = begunText(begun);
  if (linked === 0) {
    return {
      zh: `${since.zh}还没有链。设 AUDIT_CHAIN=on 并重启，后台进程会从最早的一条开始连接。`,
      en: `${since.en}There is no chain. With AUDIT_CHAIN=on and a restart the background work links every entry, from the oldest on.`,
    };
  }
  const lines = (language: "zh" | "en") =>
    findings.map(({ entryId, what }) => `  #${entryId} ${words[what][language]}`).join("\n");
  const rest = found - findings.length;
  const sums = {
    zh: `${since.zh}${linked} 条已连接，${notLinked} 条尚未连接；${purged} 条到期清理，${erased} 条所涉账号已清除。\n末端（请记在别处）：${head}`,
    en: `${since.en}${linked} entries are linked, ${notLinked} not yet; ${purged} were purged when due, ${erased} are about people who were erased.\nHead (note it elsewhere): ${head}`,
  };
  if (found === 0) return { zh: `没有被改过。\n${sums.zh}`, en: `Nothing was tampered with.\n${sums.en}` };
  return {
    zh: `发现 ${found} 处：\n${lines("zh")}${rest > 0 ? `\n  另有 ${rest} 处` : ""}\n${sums.zh}`,
    en: `${found} found:\n${lines("en")}${rest > 0 ? `\n  and ${rest} more` : ""}\n${sums.en}`,
  };
}

function lackingText(ids: readonly number[]) {
  if (ids.length === 0) return { zh: "", en: "" };
  return {
    zh: `\n${ids.length} 次清除没有凭据（manage verify-audit vouch）：${ids.join("、")}`,
    en: `\n${ids.length} erasures are vouched for by nobody (manage verify-audit vouch): ${ids.join(", ")}`,
  };
}

function begunText(begun: ChainBeginning | null) {
  if (begun === null) return { zh: "", en: "" };
  const { at, by, oldHead, found } = begun;
  return {
    zh: `${at} 由 ${by} 重新开始；以前的末端 ${oldHead}，当时发现 ${found} 处。\n`,
    en: `Begun anew on ${at} by ${by}; the head before was ${oldHead}, with ${found} found then.\n`,
  };
}
