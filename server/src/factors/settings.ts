import { SettingProblem } from "../errors/setting-problem.ts";
import { defineSettings } from "../kernel/settings/room-settings.ts";
import { origins, parsed } from "../kernel/settings/variable.ts";

/** What passkeys are for. */
export interface FactorsSettings {
  /** The domain of passkeys; null: the host of PUBLIC_SITE_URL. */
  readonly webauthnRpId: string | null;
  /** Origins beyond that domain whose pages may show its passkeys. */
  readonly webauthnRelatedOrigins: readonly string[];
}

/** Browsers read at most this many domains of the list (W3C Web Authentication, section 5.11). */
const mostRelated = 5;

export const factorsSettings = defineSettings({
  variables: {
    WEBAUTHN_RP_ID: parsed<string | null>(
      null,
      {
        fallbackText: "(the host of PUBLIC_SITE_URL)",
        zh: "通行密钥所属的域名：PUBLIC_SITE_URL 的主机名或它的上级域名，如 shop.example。以后更改会使已有的通行密钥全部失效。",
        en: "The domain that passkeys are for: the host of PUBLIC_SITE_URL or a domain above it, as shop.example. Changed later it makes every passkey useless.",
      },
      readDomain,
    ),
    WEBAUTHN_RELATED_ORIGINS: origins([], {
      fallbackText: "(none)",
      zh: "其他域名下也可以使用这些通行密钥的来源，逗号分隔，最多 5 个域名；由 /.well-known/webauthn 公布。",
      en: "Origins on other domains that share these passkeys, comma separated, at most 5; /.well-known/webauthn lists them.",
    }),
  },
  problems: ({ WEBAUTHN_RELATED_ORIGINS: related }) => {
    const plain = related.find((origin) => !origin.startsWith("https:"));
    if (plain !== undefined)
      return [
        {
          variable: "WEBAUTHN_RELATED_ORIGINS",
          code: "relatedOriginPlain",
          parameters: { value: plain },
        } as const,
      ];
    if (related.length <= mostRelated) return [];
    return [{ variable: "WEBAUTHN_RELATED_ORIGINS", code: "relatedOriginsMany" } as const];
  },
  settings: (env): FactorsSettings => ({
    webauthnRpId: env.WEBAUTHN_RP_ID,
    webauthnRelatedOrigins: env.WEBAUTHN_RELATED_ORIGINS,
  }),
});

function readDomain(raw: string): string {
  const url = URL.parse(`https://${raw}/`);
  const isDomain = url?.hostname === raw.toLowerCase() && /^[a-z\d.-]*[a-z][a-z\d.-]*$/i.test(raw);
  if (!isDomain) throw new SettingProblem("rpId", { value: raw.slice(0, 100) });
  return raw.toLowerCase();
}
