import type { JobsAdmin, JobView } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { defaultPageSize, pageSize } from "./admin-fields.ts";
import { createJobChanges, type JobChangesDeps, jobVerbs } from "./job-changes.ts";
import { administratorOf, needs, needsPerson } from "./staff.ts";

export interface JobAdminDeps extends JobChangesDeps {
  readonly jobs: JobsAdmin;
}

const states = ["waiting", "running", "done", "dead"] as const;
/** Two queues are read as one, in which no job has a place that lasts: pages are counted, and so many at the most. */
const mostSkipped = 5000;
const tags = ["administration"];
const params = Type.Object({ job: Type.String({ maxLength: 200 }) });

const JobAnswer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: Type.Enum([...states]),
  attempts: Type.Integer(),
  created_at: Type.String(),
  run_at: Type.String(),
  last_error: Type.Union([Type.String(), Type.Null()]),
  payload: Type.Any(),
});

/** Background jobs for staff: what waits, runs, is done or dead; never whole addresses. */
export function jobAdminRoutes(api: Api, deps: JobAdminDeps): void {
  const { jobs } = deps;
  const change = createJobChanges(deps);
  api.route({
    method: "GET",
    url: "/admin/jobs/",
    config: { ...needs("jobs.view_job"), dear: true },
    schema: {
      summary: "Background jobs, the latest first",
      tags,
      querystring: Type.Object({
        state: Type.Optional(Type.Enum([...states])),
        skip: Type.Optional(Type.Integer({ minimum: 0, maximum: mostSkipped })),
        limit: pageSize,
      }),
      response: {
        200: Type.Object({
          results: Type.Array(JobAnswer),
          next: Type.Union([Type.Integer(), Type.Null()], { description: "`skip` of the next page" }),
        }),
      },
    },
    async handler(request) {
      const { state, skip = 0, limit = defaultPageSize } = request.query;
      const found = await jobs.list({ skip, limit: limit + 1, ...(state === undefined ? {} : { state }) });
      const next = found.length > limit && skip + limit <= mostSkipped ? skip + limit : null;
      return { results: found.slice(0, limit).map(render), next };
    },
  });

  api.route({
    method: "GET",
    url: "/admin/jobs/:job/",
    config: needs("jobs.view_job"),
    schema: { summary: "Show a background job", tags, params, response: { 200: JobAnswer } },
    async handler(request) {
      const job = await jobs.show(request.params.job);
      if (job === null) throw new AppError("not_found");
      return render(job);
    },
  });

  for (const verb of jobVerbs) {
    api.route({
      method: "POST",
      url: `/admin/jobs/:job/${verb}/`,
      config: needsPerson("jobs.change_job"),
      schema: {
        summary: verb === "retry" ? "Put a dead job back" : "Remove a job that waits or is dead, for good",
        tags,
        params,
        response: { 200: Type.Object({ message: Type.String() }) },
      },
      async handler(request) {
        await change(administratorOf(request), request.params.job, verb);
        return { message: "OK" };
      },
    });
  }
}

function render({ id, name, state, attempts, createdAt, runAt, lastError, payload }: JobView) {
  return {
    ...{ id, name, state, attempts, last_error: lastError, payload },
    created_at: new Date(createdAt).toISOString(),
    run_at: new Date(runAt).toISOString(),
  };
}
