import { readOutgoingProxy } from "../kernel/settings/network-settings.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { parsed, text } from "../kernel/settings/variable.ts";

/** How other servers are reached over HTTP. */
export interface EnginesSettings {
  readonly outgoingProxy: { readonly http: string; readonly https: string; readonly except: string };
}

/** Programs give these in lower case as well. The upper case goes first. */
const proxy = { fallbackText: "(none)", inLowerCase: true } as const;

export const enginesSettings = defineSettings({
  variables: {
    HTTP_PROXY: parsed(
      "",
      {
        ...{ ...proxy, secret: true },
        zh: "访问第三方、邮件服务和钩子的出站代理（http）。",
        en: "Outgoing proxy for http addresses of providers, mail services and hooks.",
      },
      readOutgoingProxy,
    ),
    HTTPS_PROXY: parsed(
      "",
      {
        ...{ ...proxy, secret: true },
        zh: "访问第三方、邮件服务和钩子的出站代理（https）。",
        en: "Outgoing proxy for https addresses of providers, mail services and hooks.",
      },
      readOutgoingProxy,
    ),
    NO_PROXY: text("", {
      ...proxy,
      zh: "不经代理的主机，逗号分隔。",
      en: "Hosts reached without the proxy, comma separated.",
    }),
  },
  settings: (env): EnginesSettings => ({
    outgoingProxy: { http: env.HTTP_PROXY, https: env.HTTPS_PROXY, except: env.NO_PROXY },
  }),
});
