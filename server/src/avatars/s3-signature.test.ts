import { AwsV4Signer } from "aws4fetch";
import { expect, it } from "vitest";
import { s3Signature } from "../../test/support/imitated-s3.ts";

/**
 * The examples that Amazon publishes with their signatures (S3 API Reference, "Signature Calculations for the Authorization Header:
 * Transferring Payload in a Single Chunk"): of the library that signs, and of the imitation that the store is tested against, so that what
 * the imitation takes is what Amazon's own would take.
 */
const keyId = "AKIAIOSFODNN7EXAMPLE";
const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const datetime = "20130524T000000Z";
const examples = [
  {
    what: "GET Object",
    ...{ method: "GET", path: "/test.txt" },
    headers: { range: "bytes=0-9", "x-amz-content-sha256": empty },
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    what: "PUT Object",
    ...{ method: "PUT", path: "/test%24file.text" },
    headers: {
      date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
] as const;
const host = "examplebucket.s3.amazonaws.com";

it.each(examples)(
  "$what, by the imitation that checks what we send",
  ({ method, path, headers, signature }) => {
    const all: Record<string, string> = { host, ...headers, "x-amz-date": datetime };
    const names = Object.keys(all).toSorted().join(";");
    const scope = `${keyId}/20130524/us-east-1/s3/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=${names},Signature=`;
    expect(s3Signature({ method, url: path, headers: { ...all, authorization } }, secret)).toBe(signature);
    // Another secret, and another header, make another one.
    expect(s3Signature({ method, url: path, headers: { ...all, authorization } }, "other")).not.toBe(
      signature,
    );
    const changed = { ...all, "x-amz-content-sha256": "0", authorization };
    expect(s3Signature({ method, url: path, headers: changed }, secret)).not.toBe(signature);
  },
);

it.each(examples)("$what, by the library that signs", async ({ method, path, headers, signature }) => {
  const signed = await new AwsV4Signer({
    ...{ method, url: `https://${host}${path}`, service: "s3", region: "us-east-1", datetime },
    // What the library leaves out by itself is what a proxy may change on its way.
    ...{ accessKeyId: keyId, secretAccessKey: secret, headers: { ...headers }, allHeaders: true },
  }).sign();
  expect(signed.headers.get("authorization")).toContain(`Signature=${signature}`);
});
