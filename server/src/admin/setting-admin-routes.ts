import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import { needsPerson } from "./staff.ts";

/** What whoever started the process knows of its settings: `check-config` and `doctor` for the console. Never a secret. */
export interface SetUp {
  readonly settings: () => readonly SettingInForce[];
  readonly diagnose: () => Promise<readonly Finding[]>;
}

interface SettingInForce {
  readonly name: string;
  /** As it is in force; secrets are hidden. */
  readonly value: string;
  readonly from: (typeof origins)[number];
  /** Why it is set and does nothing here. */
  readonly idle?: string;
}

interface Finding {
  readonly check: string;
  readonly level: (typeof levels)[number];
  readonly zh: string;
  readonly en: string;
}

interface Look {
  readonly at: number;
  readonly results: readonly Finding[];
}

const origins = ["default", "contract", "file", "environment"] as const;
const levels = ["ok", "warn", "fail"] as const;
const tags = ["administration"];
const config = needsPerson("settings.view_setting");

const Findings = Type.Object({
  at: Type.String({ description: "when it looked" }),
  results: Type.Array(
    Type.Object({
      check: Type.String(),
      level: Type.Enum([...levels]),
      zh: Type.String(),
      en: Type.String(),
    }),
  ),
});
/** So long the overview is answered by what was found before: a look connects to every service that is set up. */
const looksAgainMillis = 10 * 60_000;

/** /admin/settings/ and /admin/doctor/; both answer 404 in a program that embeds the server and says nothing of its settings. */
export function settingAdminRoutes(
  api: Api,
  { setUp, clock }: { readonly setUp: SetUp | null; readonly clock: Clock },
): void {
  /** Many who ask at once are answered by one look: it connects to what is set up. */
  let looking: Promise<Look> | null = null;
  let last: Look | null = null;
  const known = (): SetUp => {
    if (setUp === null) throw new AppError("not_found");
    return setUp;
  };
  async function look(): Promise<Look> {
    const results = await known().diagnose();
    last = { at: clock.now(), results };
    return last;
  }
  const lookOnce = (): Promise<Look> => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };

  api.route({
    method: "GET",
    url: "/admin/settings/",
    config,
    schema: {
      summary: "The settings in force and where each value comes from, without secrets",
      tags,
      response: {
        200: Type.Object({
          results: Type.Array(
            Type.Object({
              name: Type.String(),
              value: Type.String(),
              from: Type.Enum([...origins], { description: "`file`: .env; `contract`: set by CONTRACT" }),
              idle: Type.Union([Type.String(), Type.Null()], { description: "why it does nothing here" }),
            }),
          ),
        }),
      },
    },
    handler: async () => ({
      results: known()
        .settings()
        .map(({ name, value, from, idle = null }) => ({ name, value, from, idle })),
    }),
  });

  api.route({
    method: "POST",
    url: "/admin/doctor/",
    // It changes nothing.
    config: { ...config, stepUp: "none", dear: true },
    schema: {
      summary: "What the doctor finds: settings, addresses, and whether what is set up answers",
      ...{ tags, response: { 200: Findings } },
    },
    handler: async () => render(await lookOnce()),
  });

  api.route({
    method: "GET",
    url: "/admin/doctor/",
    config: { ...config, dear: true },
    schema: {
      summary: "What the doctor found in the last ten minutes, in this process; it looks where nobody did",
      ...{ tags, response: { 200: Findings } },
    },
    async handler() {
      known();
      const found = last;
      const isNew = found !== null && clock.now() - found.at < looksAgainMillis;
      return render(isNew ? found : await lookOnce());
    },
  });
}

const render = ({ at, results }: Look) => ({
  at: new Date(at).toISOString(),
  results: results.map(({ check, level, zh, en }) => ({ check, level, zh, en })),
});
