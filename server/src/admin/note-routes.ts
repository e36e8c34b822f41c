import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { idParameters } from "./admin-fields.ts";
import type { Note } from "./note-store.ts";
import { type Notes, noteText } from "./notes.ts";
import { administratorOf, needsPerson } from "./staff.ts";

const tags = ["administration"];
const NoteAnswer = Type.Object({
  id: Type.String(),
  author: Type.String(),
  text: Type.String(),
  created_at: Type.String(),
});

/** /admin/users/<id>/notes/: what staff wrote down about an account; people alone, each with a permission for it. */
export function noteRoutes(api: Api, { notes }: { readonly notes: Notes }): void {
  const url = "/admin/users/:id/notes/";

  api.route({
    method: "GET",
    url,
    config: needsPerson("users.view_note"),
    schema: {
      summary: "What staff wrote down about an account, the latest first",
      tags,
      params: idParameters,
      response: { 200: Type.Object({ results: Type.Array(NoteAnswer) }) },
    },
    handler: async (request) => ({ results: (await notes.list(request.params.id)).map(render) }),
  });

  api.route({
    method: "POST",
    url,
    config: needsPerson("users.change_note"),
    schema: {
      summary: "Write something down about an account; its owner's export has it",
      tags,
      params: idParameters,
      body: Type.Object({ text: Type.String(noteText) }),
      response: { 201: NoteAnswer },
    },
    async handler(request, reply) {
      const note = await notes.add(administratorOf(request), request.params.id, request.body.text);
      reply.code(201);
      return render(note);
    },
  });

  api.route({
    method: "DELETE",
    url: `${url}:note/`,
    config: needsPerson("users.change_note"),
    schema: {
      summary: "Remove a note",
      tags,
      params: Type.Object({ ...idParameters.properties, note: Type.String({ maxLength: 22 }) }),
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      const { id, note } = request.params;
      await notes.remove(administratorOf(request), id, note);
      return reply.code(204).send(null);
    },
  });
}

function render({ id, author, text, created_at }: Note) {
  return { id, author: maskText(author), text, created_at: new Date(created_at).toISOString() };
}
