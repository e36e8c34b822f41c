import { SettingProblem } from "../errors/setting-problem.ts";
import { withoutPercent } from "../kernel/settings/percent.ts";

/** AVATAR_STORE, understood once at the start. Error texts never repeat it: it holds a secret. */
export interface S3Place {
  /** The address of the bucket, or of a folder in it, without a trailing slash. */
  readonly url: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
}

/** `+http` is for a store in the site's own network: no secret goes over the line, and the pictures are public. */
export const storeSchemes = ["s3", "s3+http"] as const;

/** `s3://KeyId:Secret@host/bucket?region=…`, or with the bucket in the host's name. Error: SettingProblem `avatarStore`. */
export function parseStoreUrl(text: string): S3Place {
  const match = /^s3(?<plain>\+http)?:\/\/(?<login>.+)@(?<rest>[^@\s]+)$/i.exec(text.trim());
  const { plain, login = "", rest } = match?.groups ?? {};
  const url = URL.parse(`${plain === undefined ? "https" : "http"}://${rest}`);
  const colon = login.indexOf(":");
  const region = url?.searchParams.get("region") ?? "us-east-1";
  const others = [...(url?.searchParams.keys() ?? [])].filter((name) => name !== "region");
  const isWrong =
    rest === undefined ||
    url === null ||
    url.hash !== "" ||
    others.length > 0 ||
    !/^[\w-]{1,64}$/.test(region) ||
    colon < 1 ||
    colon === login.length - 1;
  if (isWrong) throw new SettingProblem("avatarStore");
  return {
    ...{ url: `${url.origin}${url.pathname.replace(/\/+$/, "")}`, region },
    ...{ keyId: withoutPercent(login.slice(0, colon)), secret: withoutPercent(login.slice(colon + 1)) },
  };
}
