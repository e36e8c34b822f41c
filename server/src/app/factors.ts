import { type Brand, nameIn } from "../brand/brand.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import {
  type NoPasskeys,
  type PasskeyAddress,
  type PasskeyAddressSettings,
  passkeyAddressOf,
} from "../factors/passkey-address.ts";
import type { PasskeyProofsDeps } from "../factors/passkey-proofs.ts";
import { createPasskeys } from "../factors/passkeys.ts";
import { createFactorSwitch, type FactorSwitchDeps } from "../factors/second-factor-switch.ts";
import { createSecondFactors } from "../factors/second-factors.ts";
import type { SitePasskeys } from "../site/site-passkeys.ts";
import type { Language } from "../words/language.ts";

/** Second factors of all kinds, which share the switch and the site's name. */
export type FactorPartsDeps = FactorSwitchDeps &
  PasskeyAddressSettings &
  Omit<PasskeyProofsDeps, "passkeyAddress"> & {
    readonly kv: KeyValue;
    readonly devices: KnownDevices;
    readonly brand: Brand;
  };

export function createFactorParts(deps: FactorPartsDeps) {
  const passkeyAddress = passkeyAddressOf(deps);
  const factorSwitch = createFactorSwitch(deps);
  const nameOfSite = (language: Language) => nameIn(deps.brand.name, language);
  const secondFactors = createSecondFactors({
    ...{ ...deps, factorSwitch, issuerIn: nameOfSite },
    passkeysWork: typeof passkeyAddress !== "string",
  });
  return {
    secondFactors,
    passkeys: createPasskeys({ ...deps, factorSwitch, passkeyAddress, siteNameIn: nameOfSite }),
    /** Null where the site's address can have no passkeys. */
    passkeyAddress: typeof passkeyAddress === "string" ? null : passkeyAddress,
    ofSite: sitePasskeysOf(passkeyAddress),
  };
}

function sitePasskeysOf(address: PasskeyAddress | NoPasskeys): SitePasskeys {
  if (typeof address === "string") return { rpId: null, relatedOrigins: [] };
  const { rpId, relatedOrigins } = address;
  return { rpId, relatedOrigins };
}
