/**
 * Records anew what the rebuild of the original answers (server/test/conformance/rebuilt-original), into
 * server/test/vectors/rebuilt-backend.jsonl. A line without a `response` is a new question and gets one.
 *
 *     node scripts/record-rebuilt.ts
 *
 * Afterwards `rebuilt-backend.test.ts` says where this server answers otherwise.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { recordAnew } from "../server/test/conformance/rebuilt-record.ts";
import { rebuiltRecordings } from "../server/test/conformance/rebuilt-recordings.ts";
import { rebuiltOriginalMissing } from "../server/test/support/rebuilt-original.ts";

if (rebuiltOriginalMissing) throw new Error(`missing: ${rebuiltOriginalMissing}`);
writeFileSync(rebuiltRecordings, await recordAnew(readFileSync(rebuiltRecordings, "utf8")));
