import { type Command, defineCommand, show } from "../command/command.ts";
import { endEveryToken } from "./after-restore.ts";

/** Ends every log-in of the site at once: after a restore, which brings back what was ended since the backup. */
export const tokens: Command = defineCommand({
  name: "tokens",
  group: "people",
  needs: "database",
  json: true,
  zh: "使所有账号的全部令牌失效，所有人需要重新登录",
  en: "ends every token of every account; everybody logs in again",
  verbs: {
    "end-all": {
      confirm: {
        zh: "所有人都要重新登录；确认请加 --yes。",
        en: "Everybody will have to log in again; add --yes to do it.",
      },
      zh: "恢复备份之后（备份时有效的令牌又会有效），或令牌可能泄露之后；不必停止进程，SECRET_KEY 不变。\n其他服务此前签发的令牌在这里也失效",
      en: "after a restore (tokens that were good at the backup are good again), or where tokens\nmay have been stolen; with the processes running, and the same SECRET_KEY. Tokens that\nother services issued before end here, too",
    },
  },
  async run({ db, clock, audit, actor, terminal }, { json }) {
    const accounts = await db.transaction(
      async (transaction) => {
        const ended = await endEveryToken(transaction, clock.now());
        await audit.record(transaction, actor, {
          action: "system.end-all-tokens",
          ...{ targetKind: "system", targetId: 0, target: "" },
          ...{ before: {}, after: { accounts: ended } },
        });
        return ended;
      },
      { untimed: true },
    );
    const text = {
      zh: `已使 ${accounts} 个账号此前的全部令牌失效。`,
      en: `Every token issued so far has ended, of ${accounts} accounts.`,
    };
    show(terminal, json, { accounts }, text[terminal.language]);
    return 0;
  },
});
