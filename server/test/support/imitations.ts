import { switchesOf } from "../../../sandbox/switches.ts";
import { providerList } from "../../src/identities/providers/providers.ts";

const imitations = new Map(
  await Promise.all(
    providerList.map(async ({ name, sandbox }) => [name, (await sandbox()).imitation] as const),
  ),
);

/** The names of the switches that the provider's imitation has. */
export function switchNames(provider: string): string[] {
  return switchesOf(imitations.get(provider)!).map(({ name }) => name);
}
