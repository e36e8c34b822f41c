import { isIP } from "node:net";
import { type Command, defineCommand, show } from "../command/command.ts";
import { withBlocks } from "./open-blocks.ts";
import { checkReason } from "./staff-options.ts";

/** `unlock <name|address>`: what the console's page of log-ins and blocks does. */
export const unlock: Command = defineCommand({
  name: "unlock",
  group: "people",
  needs: "database",
  json: true,
  words: { zh: "<登录名或地址>", en: "<name-or-address>" },
  zh: "登录尝试过多后，让一个登录名或一个网络重新尝试",
  en: "lets a name or a network that had too many tries log in again",
  options: {
    reason: {
      type: "string",
      value: { zh: "<理由>", en: "<why>" },
      zh: "理由，记入审计日志；必填",
      en: "why: kept in the audit log; required",
    },
  },
  check({ values: { reason = "" } }) {
    checkReason(reason);
  },
  async run(context, { words: [whose], values: { reason = "" }, json }) {
    const { terminal, actor } = context;
    const isAddress = isIP(whose!) !== 0;
    await withBlocks(context, ({ unlockName, unlockNetwork }) =>
      (isAddress ? unlockNetwork : unlockName)(actor, whose!, reason.trim()),
    );
    const text = {
      zh: `${whose} 可以重新尝试登录。`,
      en: `${whose} may try to log in again.`,
    }[terminal.language];
    show(terminal, json, { unlocked: isAddress ? "network" : "name" }, text);
    return 0;
  },
});
