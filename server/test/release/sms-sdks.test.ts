import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmptyFolder, emptyFolder } from "../support/empty-folder.ts";
import {
  askedIn,
  judgedBySdks,
  recordingFile,
  type SdkRequest,
  type SdkRequests,
  sdkFolder,
  takingService,
} from "../support/sms-sdk-oracle.ts";

/**
 * The official SDKs of the SMS vendors, in the versions of fixtures/sms-sdks/package.json, installed by npm in an empty folder and
 * made to ask a server on this machine: what they ask is what we ask, and what they sign we would sign alike. They are no dev
 * dependency, because a hundred packages and 65 MB are too much for everybody's node_modules; every run of the suites holds us
 * against a recording of them (contract/sms-sdk-requests.test.ts), and here the recording is held against the SDKs.
 */
let folder: EmptyFolder | undefined;
let asked: SdkRequests;

beforeAll(async () => {
  folder = emptyFolder({ filledFrom: fileURLToPath(sdkFolder) });
  await folder.install();
  const service = await takingService();
  try {
    const { code, output } = await folder.run(`node drive.mjs ${service.host}`);
    expect(code, output).toBe(0);
    asked = { requests: service.received, report: JSON.parse(output) };
  } finally {
    await service.close();
  }
}, 900_000);
afterAll(() => folder?.remove());

judgedBySdks(() => asked);

test("the recording is what they ask", () => {
  const recorded = JSON.parse(readFileSync(recordingFile, "utf8")) as (SdkRequest & { action: string })[];
  const requests = recorded.filter(({ action }) => action !== "report");
  expect(asked.requests.map(askedIn)).toEqual(requests.map(askedIn));
  expect(recorded.find(({ action }) => action === "report")).toMatchObject(asked.report);
});
