import type { Config } from "../../config/config.ts";
import { passkeySiteUrl } from "../../config/reach.ts";
import { isDomainOf, passkeyAddressOf } from "../../factors/passkey-address.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

type Addresses = Pick<
  Config,
  "publicSiteUrl" | "corsOrigins" | "environment" | "webauthnRpId" | "webauthnRelatedOrigins"
>;

/** Whether people can have passkeys here, and if not, why (factors/passkey-address.ts). Nothing is wrong where they can't. */
export async function checkPasskeys(config: Addresses): Promise<Diagnosis[]> {
  const site = new URL(config.publicSiteUrl);
  const address = passkeyAddressOf(config);
  if (address === "plain_http") {
    return [
      ok(
        "passkeys",
        `站点 ${site.origin} 不能使用通行密钥：浏览器只在 https（或本机的 localhost）上提供。`,
        `The site ${site.origin} can have no passkeys: browsers offer them by https alone, or on localhost.`,
      ),
    ];
  }
  if (address === "address_without_name") {
    return [
      ok(
        "passkeys",
        `站点 ${site.origin} 不能使用通行密钥：它们属于域名，而这里的主机是数字地址。`,
        `The site ${site.origin} can have no passkeys: they belong to a domain name, and this host is a number.`,
      ),
    ];
  }
  const byName = passkeySiteUrl(config);
  if (config.webauthnRpId === null && byName !== null) {
    return [
      ok(
        "passkeys",
        `在 ${byName} 可以使用通行密钥；${site.origin} 是数字地址，浏览器不提供。`,
        `Passkeys work at ${byName}. Browsers offer none at ${site.origin}, which is a number.`,
      ),
    ];
  }
  const { rpId, relatedOrigins } = address;
  const { getPublicSuffix } = await import("tldts");
  const isSuffix = rpId !== "localhost" && getPublicSuffix(rpId, { allowPrivateDomains: true }) === rpId;
  if (isSuffix || !isDomainOf(rpId, site.hostname)) {
    return [
      fail(
        "passkeys",
        `WEBAUTHN_RP_ID=${rpId} 不能用于站点 ${site.origin}：浏览器只接受它的主机名或上级的注册域名，所有通行密钥都会失败。`,
        `WEBAUTHN_RP_ID=${rpId} can't be used by the site ${site.origin}: browsers take its host, or a registrable domain above it. Every passkey would fail.`,
      ),
    ];
  }
  if (relatedOrigins.length > 0 && rpId !== site.hostname) {
    const list = JSON.stringify({ origins: relatedOrigins });
    return [
      warn(
        "passkeys",
        `其他域名要使用这些通行密钥，https://${rpId}/.well-known/webauthn 须回答 ${list}（application/json）；站点只在 ${site.origin} 上回答它。`,
        `Other domains share these passkeys only where https://${rpId}/.well-known/webauthn answers ${list} as application/json. The site answers it at ${site.origin} alone.`,
      ),
    ];
  }
  return [ok("passkeys", `通行密钥属于域名 ${rpId}。`, `Passkeys are for ${rpId}.`)];
}
