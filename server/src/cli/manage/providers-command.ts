import type { ProviderCheck } from "../../identities/providers/check-provider.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** Third parties as they are set up, and whether they take this site's credentials. Exit code 1 where one doesn't. */
export const providers: Command = defineCommand({
  name: "providers",
  group: "look",
  needs: "app",
  json: true,
  zh: "第三方登录：已设置哪些、回调地址，以及对方是否认得本站",
  en: "third parties: which are set up, their callback addresses, and whether they take this site’s credentials",
  defaultVerb: "list",
  verbs: {
    list: { zh: "已设置的第三方和回调地址", en: "those that are set up, and the address to register there" },
    check: {
      words: { zh: "<第三方>", en: "<provider>" },
      zh: "用无效的授权码询问对方，不涉及任何账号",
      en: "asks it with a code that is none; nobody’s account is in it",
    },
  },
  options: {},
  async run({ app, config, terminal }, { verb, words: [name = ""], json }) {
    if (verb === "list") {
      const found = config.oauth.providers.flatMap(({ configured }) =>
        configured.map((one) => ({ name: one.name, redirect_uri: one.redirectUri })),
      );
      const lines = found.map((one) => `${one.name.padEnd(12)}  ${one.redirect_uri}`);
      const none = { zh: "没有设置第三方登录。", en: "No third party is set up." }[terminal.language];
      show(terminal, json, found, lines.length === 0 ? none : lines.join("\n"));
      return 0;
    }
    const check = await app.checkProvider(name);
    if (check === null) {
      throw new CommandFailure(`没有设置第三方 ${name}。`, `No third party ${name} is set up.`);
    }
    const said = outcomes[check.outcome][terminal.language];
    show(terminal, json, check, check.detail === null ? said : `${said} (${check.detail})`);
    return check.outcome === "works" ? 0 : 1;
  },
});

const outcomes: Readonly<Record<ProviderCheck["outcome"], { readonly zh: string; readonly en: string }>> = {
  works: {
    zh: "可用：对方认得本站的应用 ID 和密钥。",
    en: "It works: the id and the secret are known there.",
  },
  credentials: { zh: "对方拒绝了应用 ID 或密钥。", en: "It refuses the id or the secret." },
  unreachable: { zh: "连接不上。", en: "It can’t be reached." },
  unclear: { zh: "回答与文档不符。", en: "It answers otherwise than documented." },
};
