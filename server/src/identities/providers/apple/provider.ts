import { systemClock } from "../../../kernel/clock.ts";
import { connectLater } from "../connect-later.ts";
import { derivedClient, idleClient } from "../define-provider.ts";
import type { ConfiguredProvider, ProviderDefinition } from "../definition.ts";
import { readForm } from "./callback-form.ts";
import { appleMark } from "./mark.ts";
import { sandboxKeyPem, sandboxTeam } from "./sandbox-key.ts";
import { type AppleSettings, appleVariables, readApple } from "./settings.ts";

const name = "apple";
const title = { zh: "Apple", en: "Apple" };

/** Sign in with Apple: a key in place of a secret, and people come back by a form to the API. */
export const apple: ProviderDefinition = {
  ...{ name, title, readForm, mark: appleMark, aliases: [], pictureHosts: [], callbackPages: [] },
  // Issuers are numbered from the first number that is free: a low one would give those of before another.
  loginType: 20,
  isCancel: () => false,
  sandbox: () => import("./sandbox.ts"),
  imitated: (origin, redirectUri) =>
    configured({
      ...{ ...sandboxTeam, privateKey: sandboxKeyPem(), redirectUri },
      baseUrl: `${origin}/${name}`,
    }),
  settings: {
    variables: appleVariables,
    family: null,
    read: (reader) => readApple(reader, configured),
    derived: (setup, hasSandbox) => derivedClient("APPLE", setup, hasSandbox),
    idle: (variable, state) => idleClient("APPLE", variable, state),
    forSandbox: (origin) => ({
      APPLE_CLIENT_ID: sandboxTeam.clientId,
      APPLE_TEAM_ID: sandboxTeam.teamId,
      APPLE_KEY_ID: sandboxTeam.keyId,
      APPLE_PRIVATE_KEY: sandboxKeyPem().trim().replaceAll("\n", "\\n"),
      APPLE_BASE_URL: `${origin}/${name}`,
    }),
  },
};

function configured(settings: AppleSettings): ConfiguredProvider {
  return {
    ...{ name, title, mark: appleMark, settings, redirectUri: settings.redirectUri },
    company: { zh: "Apple Inc.（美国）", en: "Apple Inc. (USA)", isAbroad: true },
    redirectVariable: "APPLE_REDIRECT_URI",
    connect: (upstream) =>
      connectLater(async () => {
        const { createApple } = await import("./apple.ts");
        return createApple(settings, upstream, systemClock);
      }),
  };
}
