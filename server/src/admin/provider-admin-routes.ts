import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { type CheckProvider, checkOutcomes } from "../identities/providers/check-provider.ts";
import type { ProviderSetup } from "../identities/providers/definition.ts";
import Type from "../kernel/schema/schema.ts";
import { needsPerson } from "./staff.ts";

/** /admin/providers/: third parties as they are set up; never a secret. */
export interface ProviderAdminDeps {
  readonly setups: readonly ProviderSetup[];
  readonly hasSandbox: boolean;
  readonly checkProvider: CheckProvider;
}

const ProviderAnswer = Type.Object({
  name: Type.String(),
  title: Type.Object({ zh: Type.String(), en: Type.String() }),
  state: Type.Enum(["configured", "sandbox", "off"]),
  redirect_uri: Type.String({ description: "to be registered at the third party, letter for letter" }),
  redirect_variable: Type.String(),
});
const tags = ["administration"];

export function providerAdminRoutes(
  api: Api,
  { setups, hasSandbox, checkProvider }: ProviderAdminDeps,
): void {
  const all = setups.flatMap((setup) => shown(setup, hasSandbox));

  api.route({
    method: "GET",
    url: "/admin/providers/",
    config: needsPerson("providers.view_provider"),
    schema: {
      summary: "Third parties: which are set up, and the addresses to register there",
      tags,
      response: { 200: Type.Object({ results: Type.Array(ProviderAnswer) }) },
    },
    handler: async () => ({ results: all }),
  });

  api.route({
    method: "POST",
    url: "/admin/providers/:provider/check/",
    // It changes nothing here or there.
    config: { ...needsPerson("providers.check_provider"), stepUp: "none", dear: true },
    schema: {
      summary: "Ask a third party with a code that is none: what it says of the credentials",
      tags,
      params: Type.Object({ provider: Type.String({ maxLength: 32 }) }),
      response: {
        200: Type.Object({
          outcome: Type.Enum([...checkOutcomes]),
          detail: Type.Union([Type.String(), Type.Null()]),
        }),
      },
    },
    async handler(request) {
      const found = await checkProvider(request.params.provider);
      if (found === null) throw new AppError("not_found");
      return { ...found };
    },
  });
}

interface Shown {
  readonly name: string;
  readonly title: { zh: string; en: string };
  readonly state: "configured" | "sandbox" | "off";
  readonly redirect_uri: string;
  readonly redirect_variable: string;
}

/** Those of a kind that are set up, or the one that could be. */
function shown({ definition, configured, standIn }: ProviderSetup, hasSandbox: boolean): Shown[] {
  if (configured.length > 0) {
    return configured.map(({ name, title, redirectUri, redirectVariable }) => ({
      ...{ name, title: { ...title }, state: "configured" },
      ...{ redirect_uri: redirectUri, redirect_variable: redirectVariable },
    }));
  }
  const { name, title, loginType } = definition;
  // A kind with any number of providers has none before they are named.
  if (loginType === null && !hasSandbox) return [];
  return [
    {
      ...{ name, title: { ...title }, state: hasSandbox ? "sandbox" : "off" },
      ...{ redirect_uri: standIn.redirectUri, redirect_variable: standIn.redirectVariable },
    },
  ];
}
