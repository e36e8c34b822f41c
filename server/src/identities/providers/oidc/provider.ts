import { connectLater } from "../connect-later.ts";
import type { ConfiguredProvider, ProviderDefinition } from "../definition.ts";
import { letterMark } from "../mark.ts";
import type { OidcSettings } from "./oidc.ts";
import { issuerFamily, readIssuers } from "./settings.ts";

const name = "oidc";
const title = "OpenID Connect";

/** Any number of issuers, each under the name that the operator chose. */
export const oidc: ProviderDefinition = {
  name,
  title: { zh: title, en: title },
  aliases: [],
  mark: markOf(title),
  loginType: null,
  // An issuer can name any host as a picture's: people there have the mark.
  pictureHosts: [],
  callbackPages: [],
  isCancel: () => false,
  sandbox: () => import("./sandbox.ts"),
  imitated: (origin, redirectUri) =>
    configuredIssuer({
      ...{ name, title, redirectUri },
      issuer: `${origin}/${name}`,
      clientId: "sandbox",
      clientSecret: "sandbox",
      allowHttp: true,
    }),
  settings: {
    variables: {},
    family: issuerFamily,
    read: (reader) => readIssuers(name, reader, configuredIssuer),
    derived: () => ({}),
    idle(variable, { isConfigured, runsSandbox, source }) {
      const issuer = /^(OIDC_.+)_(?:CLIENT_ID|CLIENT_SECRET|REDIRECT_URI|TITLE)$/.exec(variable)?.[1];
      if (issuer === undefined || source[`${issuer}_ISSUER`]?.trim()) return undefined;
      if (variable === "OIDC_OIDC_REDIRECT_URI" && runsSandbox && !isConfigured) return undefined;
      return `${issuer}_ISSUER is not set`;
    },
    forSandbox: (origin) => ({
      OIDC_SANDBOX_ISSUER: `${origin}/${name}`,
      OIDC_SANDBOX_CLIENT_ID: "sandbox",
      OIDC_SANDBOX_CLIENT_SECRET: "sandbox",
    }),
  },
};

/** An issuer under its name in the path and with the words of its button. */
export interface NamedIssuer extends OidcSettings {
  readonly name: string;
  readonly title: string;
}

function configuredIssuer(issuer: NamedIssuer): ConfiguredProvider {
  const { name, title, redirectUri } = issuer;
  return {
    ...{ name, redirectUri },
    title: { zh: title, en: title },
    mark: markOf(name),
    redirectVariable: `OIDC_${name.toUpperCase().replaceAll("-", "_")}_REDIRECT_URI`,
    settings: issuer,
    connect: (upstream) =>
      connectLater(async () => {
        const { createOidc } = await import("./oidc.ts");
        return createOidc(issuer, upstream);
      }),
  };
}

function markOf(name: string): string {
  return letterMark(name.charAt(0).toUpperCase(), "#59635e");
}
