import type { SecretKeys } from "../kernel/keys.ts";
import {
  createServiceAuthenticator,
  type ServiceAuthenticatorDeps,
} from "../services/service-authenticator.ts";
import { createServiceMacs } from "../services/service-secret.ts";
import { createServices, type ServicesDeps } from "../services/services.ts";

type Deps = Omit<ServicesDeps & ServiceAuthenticatorDeps, "macsOf"> & { readonly secretKeys: SecretKeys };

/** Other programs of the site: what an operator does with them, and who recognises them. */
export function createServiceParts(deps: Deps) {
  const withMac = { ...deps, macsOf: createServiceMacs(deps.secretKeys) };
  return { services: createServices(withMac), serviceAuthenticator: createServiceAuthenticator(withMac) };
}
