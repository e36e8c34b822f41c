import type { Db } from "../../engines/database/database.ts";
import { changeIdentity, type Identity, identityOf, readIdentity } from "../../installation/identity.ts";
import { describeOwnership, ownerOf } from "../../installation/installation.ts";
import { withRedisClaim } from "../../installation/redis-claim-of.ts";
import { randomId } from "../../kernel/ids.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";

/** Which installation this is, and the two changes of that which only an operator can know to be right. */
const confirm = {
  zh: "确认请加 --yes；请先停止所有进程。",
  en: "Add --yes to do it; stop every process first.",
} as const;

export const installation: Command = defineCommand({
  name: "installation",
  group: "look",
  needs: "database",
  json: true,
  zh: "本系统的编号，以及数据库和 Redis 归谁使用",
  en: "this installation's id, and whose the database and Redis are",
  verbs: {
    show: {
      zh: "编号，数据库和 Redis 是否属于本系统",
      en: "its id, and whether database and Redis are its own",
    },
    "take-over": {
      confirm,
      zh: "有意更换 SECRET_KEY、恢复备份之后：数据库和 Redis 今后属于本系统。请先停止所有进程",
      en: "after a change of SECRET_KEY on purpose, or a restore: database and Redis\nare this installation's from now on. Stop every process first",
    },
    renew: {
      confirm,
      zh: "数据库是另一套系统的副本（如测试环境）：给它新的编号，然后换一个 REDIS_PREFIX",
      en: "the database is the copy of another's, such as for tests: gives it an id of\nits own; then set another REDIS_PREFIX",
    },
  },
  async run(context, { verb, json }) {
    if (verb === "show") return showOwnership(context, json);
    const changed = verb === "renew" ? await renew(context) : await takeOver(context);
    const text = { zh: `已完成，编号 ${changed.id}。`, en: `Done; the id is ${changed.id}.` };
    show(context.terminal, json, { id: changed.id }, text[context.terminal.language]);
    return 0;
  },
});

async function showOwnership({ config, db, terminal }: ManageContext, asJson: boolean): Promise<number> {
  const found = await withRedisClaim(config, (claim) => describeOwnership({ config, db, claim }));
  const words = {
    zh: { own: "属于本系统", foreign: "属于另一套系统", free: "尚无归属" },
    en: { own: "this installation's", foreign: "another installation's", free: "nobody's yet" },
  }[terminal.language];
  const lines = [
    found.id ?? "-",
    `${terminal.language === "zh" ? "数据库" : "database"}: ${words[found.database]}`,
    ...(found.redis === null ? [] : [`Redis: ${words[found.redis]}`]),
    ...(found.trouble === null ? [] : [found.trouble[terminal.language]]),
  ];
  const { trouble, ...facts } = found;
  show(terminal, asJson, facts, lines.join("\n"));
  return trouble === null ? 0 : 1;
}

/** Redis is asked first: while it is away nothing changes. Interrupted in between, the command can be given again. */
async function takeOver(context: ManageContext): Promise<Identity> {
  const { config, db, clock } = context;
  const { id } = await identityOf(db, config, clock);
  return withRedisClaim(config, async (claim) => {
    const redis = (await claim?.owner()) ?? null;
    const changed = await db.transaction((transaction) => change(context, transaction, { id, redis }));
    await claim?.take(ownerOf(changed));
    return changed;
  });
}

async function renew(context: ManageContext): Promise<Identity> {
  await identityOf(context.db, context.config, context.clock);
  return context.db.transaction((transaction) => change(context, transaction, { id: randomId() }));
}

async function change(
  { config, audit, actor }: ManageContext,
  transaction: Db,
  { id, redis }: { readonly id: string; readonly redis?: string | null },
): Promise<Identity> {
  const before = (await readIdentity(transaction)) as Identity;
  const after = await changeIdentity(transaction, config.secretKey, id);
  const isTakeOver = redis !== undefined;
  await audit.record(transaction, actor, {
    action: `system.installation-${isTakeOver ? "take-over" : "renew"}`,
    ...{ targetKind: "system", targetId: 0, target: id },
    before: { ...before, ...(isTakeOver && { redis }) },
    after: { ...after, ...(isTakeOver && { redis: ownerOf(after) }) },
  });
  return after;
}
