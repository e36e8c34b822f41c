/** How one environment variable is read: its parser, its default, and what the documentation says of it. */
export interface Variable<T> {
  /** Throws a Problem in words for the operator. `""` counts as not set and never arrives here. */
  readonly parse: (raw: string) => T;
  readonly fallback: T;
  readonly secret: boolean;
  readonly zh: string;
  readonly en: string;
  /** What the documentation shows as the default where the value itself doesn't read well. */
  readonly fallbackText?: string;
}

/** What is wrong with a value, in words that follow the variable's name. */
export class Problem extends Error {}

interface About {
  zh: string;
  en: string;
  secret?: boolean;
  fallbackText?: string;
}

function variable<T>(fallback: T, about: About, parse: (raw: string) => T): Variable<T> {
  return { secret: false, ...about, fallback, parse };
}

export const text = (fallback: string, about: About) => variable<string>(fallback, about, (raw) => raw);

export const optionalText = (about: About) => variable<string | null>(null, about, (raw) => raw);

export function integer(
  fallback: number,
  range: { min: number; max: number },
  about: About,
): Variable<number> {
  return variable(fallback, about, (raw) => {
    const value = Number(raw);
    if (!/^-?\d+$/.test(raw) || value < range.min || value > range.max) {
      throw new Problem(`must be a whole number from ${range.min} to ${range.max}, not "${raw}"`);
    }
    return value;
  });
}

export const port = (fallback: number, about: About) => integer(fallback, { min: 0, max: 65535 }, about);

export function boolean(fallback: boolean, about: About): Variable<boolean> {
  return variable(fallback, about, (raw) => {
    if (/^(1|true|yes|on)$/i.test(raw)) return true;
    if (/^(0|false|no|off)$/i.test(raw)) return false;
    throw new Problem(`must be true or false, not "${raw}"`);
  });
}

export function choice<const T extends string>(
  fallback: T,
  allowed: readonly T[],
  about: About,
): Variable<T> {
  return variable<T>(fallback, about, (raw) => {
    const found = allowed.find((one) => one === raw);
    if (!found) throw new Problem(`must be one of ${allowed.join(", ")}, not "${raw}"`);
    return found;
  });
}

export function list(fallback: readonly string[], about: About): Variable<readonly string[]> {
  return variable<readonly string[]>(fallback, about, (raw) =>
    raw
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );
}

/** Absolute http(s) origins, as browsers send them in the Origin header: scheme, host, port, nothing else. */
export function origins(fallback: readonly string[], about: About): Variable<readonly string[]> {
  const plain = list(fallback, about);
  return variable(fallback, about, (raw) =>
    plain.parse(raw).map((item) => {
      if (!URL.canParse(item))
        throw new Problem(`"${item}" is not an origin such as https://www.example.com`);
      const url = new URL(item);
      if (
        !/^https?:$/.test(url.protocol) ||
        url.pathname !== "/" ||
        url.search !== "" ||
        url.username !== ""
      ) {
        throw new Problem(`"${item}" must be scheme, host and port only, such as https://www.example.com`);
      }
      return url.origin;
    }),
  );
}

/** A URL with one of the schemes. Shown masked, because it may hold a password. */
export function url(schemes: readonly string[], about: About): Variable<string | null> {
  return variable<string | null>(null, { secret: true, ...about }, (raw) => {
    const scheme = raw.split(":", 1)[0] ?? "";
    // Several hosts (Sentinel, Cluster) are not a WHATWG URL; the adapter reads those.
    if (!schemes.includes(scheme))
      throw new Problem(`must begin with ${schemes.map((s) => `${s}:`).join(" or ")}`);
    return raw;
  });
}

/** The address of a site: absolute http(s) URL; kept without a trailing slash. */
export function siteUrl(fallback: string, about: About): Variable<string> {
  return variable(fallback, about, (raw) => {
    if (!URL.canParse(raw) || !/^https?:$/.test(new URL(raw).protocol)) {
      throw new Problem(`must be an absolute http or https address, not "${raw}"`);
    }
    return raw.replace(/\/+$/, "");
  });
}

/** As `siteUrl`, null when not set. */
export function optionalSiteUrl(about: About): Variable<string | null> {
  return variable<string | null>(null, about, siteUrl("", about).parse);
}
