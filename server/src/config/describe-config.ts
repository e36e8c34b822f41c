import { ConfigError } from "../errors/config-problem.ts";
import { passkeyAddressOf } from "../factors/passkey-address.ts";
import { providerList } from "../identities/providers/providers.ts";
import { nameInUse } from "../kernel/settings/read-variables.ts";
import { type Variable, withoutLogIn } from "../kernel/settings/variable.ts";
import { type Config, readConfig, type Source } from "./config.ts";
import { setByContract } from "./contract-defaults.ts";
import { rooms, variables } from "./env.ts";
import { idleSettings, noPasskeysText } from "./idle-settings.ts";

/**
 * The configuration in words, for operators and for issues: never a secret, and what follows from other settings as
 * the value it has here, not as the rule in docs/configuration.md that gives it.
 */
export interface DescribedVariable {
  readonly name: string;
  /** As it is in force; secrets are hidden. */
  readonly value: string;
  readonly isDefault: boolean;
  /** The switch that set it, where that was not the operator; then it is no default of the table. */
  readonly by?: string;
  /** Why it is set and does nothing here; missing where it does. */
  readonly idle?: string;
}

/** A variable with where its value comes from. `file` is .env, `contract` what CONTRACT=classic sets. */
export interface SettingInForce extends Pick<DescribedVariable, "name" | "value" | "idle"> {
  readonly from: "default" | "contract" | "file" | "environment";
}

/** As `describeVariables`. `environment`: what of the source is of the process itself; it wins over the file. */
export function settingsInForce(source: Source, environment: Source): SettingInForce[] {
  const table: Readonly<Record<string, Variable<unknown>>> = variables;
  return describeVariables(source).map(({ isDefault, by, ...one }) => {
    const variable = table[one.name];
    const used = variable === undefined ? one.name : nameInUse(one.name, variable, source);
    const given = environment[used] === undefined ? "file" : "environment";
    return { ...one, from: by !== undefined ? "contract" : isDefault ? "default" : given };
  });
}

/** Every variable as it is in force, without secrets: safe to paste into an issue. */
export function describeVariables(source: Source): DescribedVariable[] {
  const config = configOf(source);
  const derived = config === null ? {} : derivedValues(config);
  const computed = config === null ? {} : computedValues(config);
  const bySwitch = setByContract(source);
  const described: DescribedVariable[] = Object.entries<Variable<unknown>>(variables).map(
    ([name, variable]) => {
      const { secret, fallback, fallbackText } = variable;
      const raw = source[nameInUse(name, variable, source)]?.trim() ?? "";
      if (raw !== "") {
        return { name, value: secret ? mask(raw) : (computed[name] ?? withoutLogIn(raw)), isDefault: false };
      }
      const set = bySwitch[name];
      if (set !== undefined) return { name, value: set, isDefault: true, by: "CONTRACT=classic" };
      const value =
        computed[name] ??
        derived[name] ??
        fallbackText ??
        (Array.isArray(fallback) ? fallback.join(",") : String(fallback ?? "(not set)"));
      return { name, value, isDefault: true };
    },
  );
  described.push(...describeFamilies(source));
  if (config === null) return described;
  const idle = idleSettings(config, source);
  return described.map(withoutPortZero).map((one) => {
    const reason = one.isDefault ? undefined : idle(one.name);
    return reason === undefined ? one : { ...one, idle: reason };
  });
}

/** Of variables of which the operator chooses a part of the name, so that the table above can't list them. */
function describeFamilies(source: Source): DescribedVariable[] {
  const prefixes = providerList.flatMap(({ settings: { family } }) => family?.prefix ?? []);
  const names = Object.keys(source).filter((name) =>
    prefixes.some((prefix) => name.startsWith(prefix) && /^[A-Z0-9_]+$/.test(name.slice(prefix.length))),
  );
  return names.sort().flatMap((name) => {
    const raw = source[name]?.trim() ?? "";
    const value = name.endsWith("_SECRET") ? "(set, hidden)" : withoutLogIn(raw);
    return raw === "" ? [] : [{ name, value, isDefault: false }];
  });
}

/** What follows from a port of 0 is known at the start: a free one is looked for then. */
function withoutPortZero(one: DescribedVariable): DescribedVariable {
  const value = one.value.replace(/(?<=^|,)(https?:\/\/[^/,]+):0(?=[/,]|$)/g, "$1:(a free port)");
  return { ...one, value };
}

/** The same as text, one line each. */
export function describeConfig(source: Source): string {
  return describeVariables(source)
    .map(({ name, value, isDefault, by, idle }) => {
      const byDefault = by === undefined ? "  # default" : `  # set by ${by}`;
      const remark = isDefault ? byDefault : idle === undefined ? "" : `  # no effect: ${idle}`;
      return `${name}=${value}${remark}\n`;
    })
    .join("");
}

/** Null where the configuration has problems: then the rules are shown. */
function configOf(source: Source): Config | null {
  try {
    return readConfig(source);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

type Shown = Readonly<Record<string, string | undefined>>;

/** What is computed from a variable, set or not: 0 can stand for a default, and lists are added to. */
function computedValues(config: Config): Shown {
  return Object.assign({}, ...rooms.map((room) => room.inForce?.(config) ?? {}));
}

/** What unset variables come to here. */
function derivedValues(config: Config): Shown {
  const hasSandbox = config.oauth.sandboxPort !== null;
  const passkeys = passkeyAddressOf(config);
  return Object.assign(
    {},
    ...config.oauth.providers.map((setup) => setup.definition.settings.derived(setup, hasSandbox)),
    ...rooms.map((room) => room.byDefault?.(config) ?? {}),
    {
      WEBAUTHN_RP_ID:
        typeof passkeys === "string" ? `(no passkeys: ${noPasskeysText(passkeys)})` : passkeys.rpId,
    },
  );
}

function mask(raw: string): string {
  // Only where it is beyond doubt which part is the host: a password may hold @, / and ? as they are.
  const match = /^([a-z+]+:\/\/)(?:[^@/?#]*@)?([\w.:,[\]-]+)(?:[/?][^@]*)?$/.exec(raw);
  return match ? `${match[1]}…@${match[2]}` : "(set, hidden)";
}
