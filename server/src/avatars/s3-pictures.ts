import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { OutgoingHttp } from "../engines/outgoing-http.ts";
import { readBody } from "../kernel/read-body.ts";
import type { PictureStore } from "./picture-store.ts";
import type { S3Place } from "./store-url.ts";

/**
 * Pictures in an S3-shaped store (Amazon S3 API, signature version 4), which every machine reaches; the bucket is private, the
 * server hands the pictures out. What may pass by itself, a store that is overloaded or a broken connection, is tried three
 * times; then, and at any other refusal, it rejects with the store's code and never with what it was asked under. No redirect is
 * followed.
 */
export interface S3Options {
  readonly http: OutgoingHttp;
  /** For one call, its tries included. */
  readonly millis?: number;
}

const callMillis = 10_000;
const waits = [100, 400];
/** Of an error's body, for its code. */
const longestError = 16 * 1024;
/** More than any picture of ours has. */
const longestPicture = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export function createS3Pictures(place: S3Place, { http, millis = callMillis }: S3Options): PictureStore {
  const address = (name: string) => `${place.url}/${name}.jpg`;

  async function once(method: string, url: string, signal: AbortSignal, content?: Buffer): Promise<Answer> {
    const { AwsV4Signer } = await import("aws4fetch");
    const signed = await new AwsV4Signer({
      ...{ method, url, service: "s3", region: place.region },
      ...{ accessKeyId: place.keyId, secretAccessKey: place.secret },
      headers: {
        // The store refuses what arrives changed.
        "x-amz-content-sha256": createHash("sha256")
          .update(content ?? "")
          .digest("hex"),
        ...(content === undefined ? {} : { "content-type": "image/jpeg" }),
      },
    }).sign();
    const { request, dispatcher } = await http.client();
    const answer = await request(signed.url, {
      ...{ method: method as "GET", headers: Object.fromEntries(signed.headers), signal, dispatcher },
      body: content ?? null,
    });
    answer.body.on("error", () => {});
    const longest = answer.statusCode === 200 ? longestPicture : longestError;
    const body = await readBody(answer.body, longest, () => new Error("the picture store answers too much"));
    return { status: answer.statusCode, body };
  }

  /** The answer, also one that refuses for good. */
  async function call(method: string, name: string, content?: Buffer): Promise<Answer> {
    const signal = AbortSignal.timeout(millis);
    for (const wait of [...waits, null]) {
      try {
        const answer = await once(method, address(name), signal, content);
        if (answer.status < 500 && answer.status !== 429) return answer;
        if (wait === null) return answer;
      } catch (error) {
        if (wait === null || signal.aborted) throw error;
      }
      await sleep(wait);
    }
    throw new Error("unreachable");
  }

  const refused = ({ status, body }: Answer) =>
    new Error(`the picture store answers ${status}${codeOf(body) === "" ? "" : ` ${codeOf(body)}`}`);

  return {
    name: "s3",
    async put(name, content) {
      const answer = await call("PUT", name, content);
      if (answer.status !== 200) throw refused(answer);
    },
    async get(name) {
      const answer = await call("GET", name);
      if (answer.status === 200) return answer.body;
      if (isMissing(answer)) return null;
      throw refused(answer);
    },
    async remove(name) {
      const answer = await call("DELETE", name);
      if (answer.status !== 204 && answer.status !== 200 && !isMissing(answer)) throw refused(answer);
    },
  };
}

/** A bucket that is not there says 404, too: then nothing is known of the picture. */
const isMissing = ({ status, body }: Answer) => status === 404 && codeOf(body) !== "NoSuchBucket";

const codeOf = (body: Buffer): string =>
  /<Code>([A-Za-z0-9.]{1,80})<\/Code>/.exec(body.toString("utf8"))?.[1] ?? "";
