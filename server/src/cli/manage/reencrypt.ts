import { resignBeginning } from "../../audit/chain-beginning.ts";
import { resignLinks } from "../../audit/resign-links.ts";
import { resealFactors } from "../../factors/reseal-factors.ts";
import { changeIdentity, identityOf } from "../../installation/identity.ts";
import { describeOwnership, ownerOf } from "../../installation/installation.ts";
import { withRedisClaim } from "../../installation/redis-claim-of.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { resignErased } from "../../rights/erased-mac.ts";
import { resealAll } from "../../sessions/keys/reseal-keys.ts";
import { resealEndpoints } from "../../webhooks/reseal-endpoints.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { fallbackState, reencryptAction } from "../doctor/fallback-state.ts";

/**
 * Writes under the present SECRET_KEY what is under one of SECRET_KEY_FALLBACKS, and says when that can be removed. Every
 * process must have the present key by then. Interrupted, it can be given again. Throws a ToldError where database or
 * Redis are another's.
 */
export async function reencrypt(context: ManageContext, json: boolean): Promise<number> {
  const { config, db, clock, audit, actor, terminal } = context;
  const count = await withRedisClaim(config, async (claim) => {
    const { trouble } = await describeOwnership({ config, db, claim });
    if (trouble !== null) throw trouble;
    const { id } = await identityOf(db, config, clock);
    const keys = secretKeysOf(config);
    // In transactions of its own: an erasure waits for who has the chain, and has locked what the rest writes.
    const beginning = await db.transaction((transaction) => resignBeginning(transaction, keys));
    const links = (await resignLinks(db, keys)) + beginning;
    const done = await db.transaction(async (transaction) => {
      const values =
        links +
        (await resealAll(transaction, keys)) +
        (await resealFactors(transaction, keys)) +
        (await resealEndpoints(transaction, keys)) +
        (await resignErased(transaction, keys));
      const identity = await changeIdentity(transaction, config.secretKey, id);
      await audit.record(transaction, actor, {
        ...{ action: reencryptAction, targetKind: "system", targetId: 0, target: id },
        ...{ before: {}, after: { values } },
      });
      return { values, identity };
    });
    await claim?.take(ownerOf(done.identity));
    return done.values;
  });
  const { neededUntil } = await fallbackState(db, config);
  const until = neededUntil === null ? null : new Date(neededUntil).toISOString();
  const hasBefore = config.secretKeyFallbacks.length > 0;
  const text = {
    zh: `已用现在的 SECRET_KEY 重新加密 ${count} 个值。${hasBefore ? `${until} 起可以去掉 SECRET_KEY_FALLBACKS。` : ""}`,
    en: `${count} values are encrypted under the present SECRET_KEY now.${hasBefore ? ` SECRET_KEY_FALLBACKS can be removed from ${until} on.` : ""}`,
  };
  show(
    terminal,
    json,
    { values: count, fallbacksNeededUntil: hasBefore ? until : null },
    text[terminal.language],
  );
  return 0;
}
