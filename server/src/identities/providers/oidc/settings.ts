import { optionalText } from "../../../kernel/settings/variable.ts";
import type { ConfiguredProvider, ReadProviders, SettingsReader, VariableFamily } from "../definition.ts";
import { readIssuerRedirectUri } from "../issuer-redirect-uri.ts";
import { isSafeAddress } from "../safe-address.ts";
import type { NamedIssuer } from "./provider.ts";

/** The variables of each issuer, with any name for `<NAME>`. */
export const issuerFamily: VariableFamily = {
  prefix: "OIDC_",
  variables: {
    "OIDC_<NAME>_ISSUER": optionalText({
      zh: "签发者地址（https），须提供 /.well-known/openid-configuration。",
      en: "The issuer's https address, below which /.well-known/openid-configuration lies.",
    }),
    "OIDC_<NAME>_CLIENT_ID": optionalText({
      zh: "在签发者处的应用 ID，必填。",
      en: "The application's id at the issuer; required.",
    }),
    "OIDC_<NAME>_CLIENT_SECRET": optionalText({
      secret: true,
      zh: "应用密钥，必填。",
      en: "The application's secret; required.",
    }),
    "OIDC_<NAME>_REDIRECT_URI": optionalText({
      fallbackText: "`PUBLIC_SITE_URL/oauth/callback/<name>`",
      zh: "在签发者处登记的回调地址。",
      en: "The redirect address registered at the issuer.",
    }),
    "OIDC_<NAME>_TITLE": optionalText({
      fallbackText: "`<name>`",
      zh: "登录按钮上的名称。",
      en: "What the log-in button calls it.",
    }),
  },
};

/** Every issuer whose `…_ISSUER` is set, in the order of their names; `standInName` is the sandbox's. */
export function readIssuers(
  standInName: string,
  reader: SettingsReader,
  configured: (issuer: NamedIssuer) => ConfiguredProvider,
): ReadProviders {
  const redirectVariable = `OIDC_${standInName.toUpperCase()}_REDIRECT_URI`;
  const redirectUri = reader.read(redirectVariable, readIssuerRedirectUri) || reader.callback(standInName);
  const names = reader.names
    .map((variable) => /^OIDC_([A-Z0-9]+(?:_[A-Z0-9]+)*?)_ISSUER$/.exec(variable)?.[1])
    .filter((upper) => upper !== undefined)
    .filter((upper) => reader.read(`OIDC_${upper}_ISSUER`) !== "")
    .sort();
  return {
    configured: names.flatMap((upper) => readIssuer(upper, reader) ?? []).map(configured),
    standIn: { redirectUri, redirectVariable },
  };
}

function readIssuer(upper: string, reader: SettingsReader): NamedIssuer | null {
  const name = upper.toLowerCase().replaceAll("_", "-");
  const prefix = `OIDC_${upper}`;
  let isWrong = false;
  const refuse: SettingsReader["refuse"] = (...problem) => {
    isWrong = true;
    reader.refuse(...problem);
  };
  const given = (part: string) => reader.read(`${prefix}_${part}`) ?? "";
  const issuer = given("ISSUER");
  if (reader.takenNames.includes(name) || name.length > 32) {
    refuse(`${prefix}_ISSUER`, "issuerNameTaken", { name });
  }
  if (!URL.canParse(issuer) || !isSafeAddress(issuer)) refuse(`${prefix}_ISSUER`, "addressWithoutLogIn");
  // An issuer is known by its own address; where its metadata lie follows from that.
  else if (issuer.includes("/.well-known/")) refuse(`${prefix}_ISSUER`, "issuerWellKnown");
  for (const part of ["CLIENT_ID", "CLIENT_SECRET"]) {
    if (given(part) === "") refuse(`${prefix}_${part}`, "issuerPartMissing");
  }
  const redirectUri = reader.read(`${prefix}_REDIRECT_URI`, readIssuerRedirectUri);
  if (isWrong || redirectUri === null) return null;
  return {
    ...{ name, issuer },
    title: given("TITLE") || name,
    clientId: given("CLIENT_ID"),
    clientSecret: given("CLIENT_SECRET"),
    redirectUri: redirectUri || reader.callback(name),
    allowHttp: issuer.startsWith("http:"),
  };
}
