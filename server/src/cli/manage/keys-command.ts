import { openSigningKeys } from "../../app/sessions.ts";
import { createLog } from "../../kernel/log.ts";
import { type Affected, createKeyChanges, type KeyRefusal } from "../../sessions/keys/key-changes.ts";
import { endOf, stateOf, type Turn } from "../../sessions/keys/key-turns.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { reencrypt } from "./reencrypt.ts";

/** The keys of access tokens: seen, replaced, and ended where one was stolen. */
export const keys: Command = defineCommand({
  name: "keys",
  group: "look",
  needs: "database",
  json: true,
  zh: "签发访问令牌的密钥：查看、更换、作废",
  en: "the keys that sign access tokens: see them, replace them, end one",
  verbs: {
    show: {
      zh: "每个密钥的算法、状态、何时起签发、何时不再有效",
      en: "each key's algorithm and state, from when it signs and when it is over",
    },
    rotate: {
      zh: "换用新密钥：先公布，一小时后起签发；旧密钥的令牌到期前一直有效",
      en: "to a new key: published now, it signs after an hour; tokens of the old one stay good\nuntil they end",
    },
    drop: {
      words: "<kid>",
      zh: "密钥可能泄露时立即作废：先说明会使谁退出登录，加 --now --yes 才执行",
      en: "ends a key that may have been stolen, at once: says whom that logs out, and does it\nwith --now --yes",
    },
    reencrypt: {
      zh: "更换 SECRET_KEY 之后：把用旧密钥（SECRET_KEY_FALLBACKS）加密的值改用新的，并说明何时可以去掉旧的",
      en: "after a change of SECRET_KEY: encrypts anew what is under an old one\n(SECRET_KEY_FALLBACKS), and says when that can be removed",
    },
  },
  defaultVerb: "show",
  options: {
    now: {
      type: "boolean",
      zh: "rotate：立即用新密钥签发，不等一小时；缓存了公钥的服务可能有几分钟不认识它。drop：立即作废",
      en: "rotate: sign with it now, not after an hour; services that keep the keys may not know\nit for some minutes. drop: do it",
    },
    yes: { type: "boolean", of: "drop", zh: "确认", en: "confirms it" },
  },
  check({ verb, values }) {
    if ((verb === "show" || verb === "reencrypt") && values.now) {
      throw new UsageError("--now 用于 rotate 和 drop。", "--now is for rotate and drop.");
    }
  },
  async run(context, { verb, words, values, json }) {
    if (verb === "rotate") return rotate(context, values.now, json);
    if (verb === "drop") return drop(context, words[0]!, { isMeant: values.now && values.yes, json });
    if (verb === "reencrypt") return reencrypt(context, json);
    return showKeys(context, json);
  },
});

function changesOf({ config, db, clock }: ManageContext) {
  const signingKeys = openSigningKeys(config, { db, clock, log: createLog("error") });
  const changes = createKeyChanges({ db, clock, signingKeys, signing: config.signing });
  return { signingKeys, changes };
}

/** Null for always, too: HS256 signed from the beginning. */
const iso = (millis: number | null) =>
  millis === null || millis === 0 || millis > 8.64e15 ? null : new Date(millis).toISOString();

async function showKeys(context: ManageContext, json: boolean): Promise<number> {
  const { config, clock, terminal } = context;
  const { turns, isUsable } = await changesOf(context).signingKeys.ring();
  const now = clock.now();
  const shown = turns.map((turn) => ({
    ...{ kid: turn.kid, algorithm: turn.algorithm, state: stateOf(turns, turn, now) },
    ...{ signsFrom: iso(turn.signs_from), over: iso(endOf(turns, turn)) },
    readable: turn.dropped_at !== null || isUsable(turn),
  }));
  const words = {
    zh: { none: "SECRET_KEY 签发全部令牌（HS256）。", lost: "（无法解密：SECRET_KEY 不是加密它的那个）" },
    en: {
      none: "SECRET_KEY signs every token (HS256).",
      lost: " (can't be decrypted: it was encrypted under another SECRET_KEY)",
    },
  }[terminal.language];
  const lines = shown.map(
    ({ kid, algorithm, state, signsFrom, over, readable }) =>
      `${state.padEnd(8)}  ${algorithm}  ${kid}  ${signsFrom ?? "…"} – ${over ?? "…"}${readable ? "" : words.lost}`,
  );
  const text = lines.length === 0 ? words.none : lines.join("\n");
  show(terminal, json, { algorithm: config.signing.algorithm, keys: shown }, text);
  return 0;
}

async function rotate(context: ManageContext, atOnce: boolean, json: boolean): Promise<number> {
  const { db, audit, actor, terminal } = context;
  const added = await changesOf(context).changes.rotate(atOnce);
  if (added === "hs256") throw refusal("hs256");
  await audit.record(db, actor, {
    ...{ action: "system.rotate-keys", targetKind: "system", targetId: 0, target: added.kid },
    ...{ before: {}, after: factsOf(added) },
  });
  const from = iso(added.signs_from);
  const text = {
    zh: `${added.algorithm} 密钥 ${added.kid} 自 ${from} 起签发。`,
    en: `The ${added.algorithm} key ${added.kid} signs from ${from}.`,
  };
  show(terminal, json, { kid: added.kid, ...factsOf(added) }, text[terminal.language]);
  return 0;
}

const factsOf = ({ algorithm, signs_from }: Turn) => ({ algorithm, signsFrom: iso(signs_from) });

async function drop(
  context: ManageContext,
  kid: string,
  { isMeant, json }: { isMeant: boolean; json: boolean },
): Promise<number> {
  const { audit, actor, terminal } = context;
  const { changes } = changesOf(context);
  const found = await changes.findRefusal(kid);
  if (found !== null) throw refusal(found);
  const affected = await changes.affected(kid);
  if (!isMeant) throw wouldLogOut(affected);
  const ended = await changes.drop(kid, (transaction, done) =>
    audit.record(transaction, actor, {
      ...{ action: "system.drop-key", targetKind: "system", targetId: 0, target: kid },
      ...{ before: {}, after: done },
    }),
  );
  const text = {
    zh: `密钥已作废：${ended.accounts} 个账号的 ${ended.sessions} 个登录已失效；各进程在 5 秒内生效，验证令牌的服务在其缓存的公钥过期后生效。`,
    en: `The key is dropped: ${ended.sessions} sessions of ${ended.accounts} accounts have ended. Every process refuses it within 5 s, services that verify when what they keep of the keys runs out.`,
  };
  show(terminal, json, { kid, ...ended }, text[terminal.language]);
  return 0;
}

function wouldLogOut({ sessions, accounts, renewing }: Affected): CommandFailure {
  return new CommandFailure(
    `这会使 ${accounts} 个账号的 ${sessions} 个登录失效；使用刷新令牌的 ${renewing} 个登录不受影响，会自行换取新令牌。确认请加 --now --yes。`,
    `It would end ${sessions} sessions of ${accounts} accounts; the ${renewing} with refresh tokens get another token and go on. Add --now --yes to do it.`,
  );
}

function refusal(code: KeyRefusal): CommandFailure {
  const texts: Readonly<Record<KeyRefusal, readonly [zh: string, en: string]>> = {
    hs256: [
      "现在由 SECRET_KEY 签发令牌（HS256），没有可更换的密钥：请先设置 TOKEN_ALGORITHM，或更换 SECRET_KEY。",
      "SECRET_KEY signs tokens (HS256), so there is no key to rotate: set TOKEN_ALGORITHM first, or replace SECRET_KEY.",
    ],
    unknown: ["没有这个密钥：请用 keys show 查看。", "There is no such key: keys show lists them."],
    dropped: ["这个密钥已经作废。", "This key is dropped already."],
    "hs256-signs": [
      "SECRET_KEY 正在签发令牌，不能作废：请更换 SECRET_KEY，或先改用 ES256。",
      "SECRET_KEY signs tokens and can't be dropped: replace it, or change to ES256 first.",
    ],
  };
  return new CommandFailure(...texts[code]);
}
