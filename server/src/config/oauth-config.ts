import type { EnginesSettings } from "../engines/settings.ts";
import type { ConfigProblem } from "../errors/config-problem.ts";
import type { FlowSettings } from "../identities/flow/settings.ts";
import type { ProviderSetup } from "../identities/providers/definition.ts";
import { providerList } from "../identities/providers/providers.ts";
import { type ProvidersEnvironment, readProviders } from "../identities/providers/read-providers.ts";

type Flow = FlowSettings["oauthFlow"];

/** Third-party log-in as configured: what its rooms read, and the providers, whose folders bring their own variables. */
export interface OauthConfig extends Flow {
  /** Every provider of the list, in its order. */
  readonly providers: readonly ProviderSetup[];
  readonly proxy: EnginesSettings["outgoingProxy"];
  /** Whether there is a sandbox to run: some provider with a name of its own has no credentials. */
  readonly runsSandbox: boolean;
}

export function readOauth(
  { oauthFlow, outgoingProxy }: FlowSettings & EnginesSettings,
  environment: ProvidersEnvironment,
  problems: ConfigProblem[],
): OauthConfig {
  const providers = readProviders(providerList, environment, problems);
  const isMissing = ({ definition, configured }: ProviderSetup) =>
    definition.loginType !== null && configured.length === 0;
  const runsSandbox = oauthFlow.sandboxPort !== null && providers.some(isMissing);
  return { ...oauthFlow, providers, proxy: outgoingProxy, runsSandbox };
}
