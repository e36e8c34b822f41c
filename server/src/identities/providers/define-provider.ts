import { optionalSiteUrl, optionalText, parsed, readRedirectUri } from "../../kernel/settings/variable.ts";
import type {
  CodelessCallback,
  ConfiguredProvider,
  IdleState,
  ProviderCompany,
  ProviderDefinition,
  ProviderSetup,
  ReadProviders,
  SettingsReader,
  VariableTable,
} from "./definition.ts";
import type { Imitation } from "./imitation.ts";
import type { ProviderClient, ProviderSettings, ProviderTitle } from "./provider.ts";
import { isSafeAddress } from "./safe-address.ts";
import type { Upstream } from "./upstream.ts";

/** What differs between providers with an id, a secret, and addresses of their own. */
export interface ProviderFacts {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly title: ProviderTitle;
  /** What the texts of its settings call the place where applications are registered; by default the title. */
  readonly portal?: ProviderTitle;
  readonly company?: ProviderCompany;
  readonly mark: string;
  readonly loginType: number;
  readonly baseUrl: ProviderAddress;
  /** Where the API is on another host than the pages. */
  readonly apiBaseUrl?: ProviderAddress;
  readonly pictureHosts?: readonly RegExp[];
  readonly callbackPages?: readonly string[];
  readonly isCancel?: (callback: CodelessCallback) => boolean;
  readonly create: (settings: ProviderSettings, upstream: Upstream) => ProviderClient;
  readonly sandbox: () => Promise<{ readonly imitation: Imitation }>;
}

export interface ProviderAddress {
  /** Without a slash at the end. */
  readonly address: string;
  /** What it is the address of; by default the portal. */
  readonly of?: ProviderTitle;
}

/**
 * A provider whose settings are `<NAME>_CLIENT_ID`, `…_CLIENT_SECRET`, `…_REDIRECT_URI`, `…_BASE_URL` and, where the
 * API is on a host of its own, `…_API_BASE_URL`.
 */
export function defineProvider(facts: ProviderFacts): ProviderDefinition {
  const prefix = facts.name.toUpperCase().replaceAll("-", "_");
  const { name, title, mark, loginType, create } = facts;
  const configured = (settings: ProviderSettings): ConfiguredProvider => ({
    ...{ name, title, mark, settings, company: facts.company },
    redirectUri: settings.redirectUri,
    redirectVariable: `${prefix}_REDIRECT_URI`,
    connect: (upstream) => create(settings, upstream),
  });
  const atSandbox = (origin: string) => ({
    baseUrl: `${origin}/${name}`,
    apiBaseUrl: facts.apiBaseUrl ? `${origin}/${name}-api` : null,
  });
  return {
    ...{ name, title, mark, loginType },
    aliases: facts.aliases ?? [],
    pictureHosts: facts.pictureHosts ?? [],
    callbackPages: facts.callbackPages ?? [],
    isCancel: facts.isCancel ?? (() => false),
    sandbox: facts.sandbox,
    imitated(origin, redirectUri) {
      const { baseUrl, apiBaseUrl } = atSandbox(origin);
      return configured({ ...sandboxClient, redirectUri, baseUrl, apiBaseUrl: apiBaseUrl ?? baseUrl });
    },
    settings: {
      variables: clientVariables(facts, prefix),
      family: null,
      read: (reader) => readClient(facts, prefix, reader, configured),
      derived: (setup, hasSandbox) => derivedClient(prefix, setup, hasSandbox),
      idle: (variable, state) => idleClient(prefix, variable, state),
      forSandbox(origin) {
        const { baseUrl, apiBaseUrl } = atSandbox(origin);
        return {
          [`${prefix}_CLIENT_ID`]: sandboxClient.clientId,
          [`${prefix}_CLIENT_SECRET`]: sandboxClient.clientSecret,
          [`${prefix}_BASE_URL`]: baseUrl,
          ...(apiBaseUrl !== null && { [`${prefix}_API_BASE_URL`]: apiBaseUrl }),
        };
      },
    },
  };
}

/** Any id and secret will do there. */
const sandboxClient = { clientId: "sandbox", clientSecret: "sandbox" };

/** What it is in both languages; without it there is no `logIn`. */
export function clientIdVariable(zh: string, en: string, logIn: string): VariableTable[string] {
  return optionalText({
    fallbackText: "the sandbox (development)",
    zh: `${zh}；开发环境缺省使用沙箱，生产环境缺省为不开通。`,
    en: `${en}; without it development uses the sandbox and production has no ${logIn}.`,
  });
}

/** The address of something of the provider's. */
export function addressVariable(address: string, of: ProviderTitle): VariableTable[string] {
  return optionalSiteUrl({
    fallbackText: address,
    zh: `${of.zh}的地址，用于代理或测试。`,
    en: `The address of ${of.en}, for a relay or for tests.`,
  });
}

function clientVariables(facts: ProviderFacts, prefix: string): VariableTable {
  const { name, baseUrl, apiBaseUrl, portal: place = facts.title } = facts;
  const { en } = facts.title;
  const addressOf = ({ address, of = place }: ProviderAddress) => addressVariable(address, of);
  return {
    [`${prefix}_CLIENT_ID`]: clientIdVariable(
      `${place.zh}的应用 ID`,
      `The application's id at ${en}`,
      `${en} log-in`,
    ),
    [`${prefix}_CLIENT_SECRET`]: optionalText({
      secret: true,
      zh: `${place.zh}的应用密钥。`,
      en: `The application's secret at ${en}.`,
    }),
    [`${prefix}_REDIRECT_URI`]: parsed<string | null>(
      null,
      {
        fallbackText: `PUBLIC_SITE_URL/oauth/callback/${name}`,
        zh: `在${place.zh}登记的回调地址。`,
        en: `The redirect address registered at ${en}.`,
      },
      readRedirectUri,
    ),
    [`${prefix}_BASE_URL`]: addressOf(baseUrl),
    ...(apiBaseUrl && { [`${prefix}_API_BASE_URL`]: addressOf(apiBaseUrl) }),
  };
}

function readClient(
  facts: ProviderFacts,
  prefix: string,
  reader: SettingsReader,
  configured: (settings: ProviderSettings) => ConfiguredProvider,
): ReadProviders {
  const redirectVariable = `${prefix}_REDIRECT_URI`;
  const redirectUri = reader.value(redirectVariable) ?? reader.callback(facts.name);
  const standIn = { redirectUri, redirectVariable };
  const clientId = reader.value(`${prefix}_CLIENT_ID`);
  const clientSecret = reader.value(`${prefix}_CLIENT_SECRET`);
  if (clientId === null || clientSecret === null) {
    if (clientId !== clientSecret) {
      reader.refuse(`${prefix}_CLIENT_${clientId === null ? "ID" : "SECRET"}`, "credentialMissing");
    }
    return { configured: [], standIn };
  }
  const baseUrl = givenAddress(reader, `${prefix}_BASE_URL`) ?? facts.baseUrl.address;
  const apiBaseUrl =
    facts.apiBaseUrl && (givenAddress(reader, `${prefix}_API_BASE_URL`) ?? facts.apiBaseUrl.address);
  // Pages and API that share a host are moved by one setting.
  const settings = { clientId, clientSecret, redirectUri, baseUrl, apiBaseUrl: apiBaseUrl ?? baseUrl };
  return { configured: [configured(settings)], standIn };
}

/** An address that is asked with the client secret; null where it is not set. */
export function givenAddress(reader: SettingsReader, variable: string): string | null {
  const address = reader.value(variable);
  // Only on this machine may the client secret travel in the clear.
  if (reader.production && address !== null && !isSafeAddress(address)) {
    reader.refuse(variable, "httpsInProduction");
  }
  return address;
}

/** What unset variables come to. */
export function derivedClient(
  prefix: string,
  { standIn }: ProviderSetup,
  hasSandbox: boolean,
): Readonly<Record<string, string>> {
  return {
    [`${prefix}_CLIENT_ID`]: hasSandbox ? "the sandbox" : "(not set)",
    [`${prefix}_REDIRECT_URI`]: standIn.redirectUri,
  };
}

/** The redirect address is the sandbox's, too. */
export function idleClient(
  prefix: string,
  variable: string,
  { isConfigured, hasSandbox }: IdleState,
): string | undefined {
  if (isConfigured) return undefined;
  if (variable === `${prefix}_BASE_URL` || variable === `${prefix}_API_BASE_URL`) {
    return hasSandbox
      ? `the sandbox stands in without ${prefix}_CLIENT_ID`
      : `${prefix}_CLIENT_ID is not set`;
  }
  return variable === `${prefix}_REDIRECT_URI` && !hasSandbox ? `${prefix}_CLIENT_ID is not set` : undefined;
}
