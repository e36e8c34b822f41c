/** What an operation of the generated schema takes and answers. */
type Json<Holder> = Holder extends { content: { "application/json": infer Value } } ? Value : never;

/** With 200 or 201; never where it answers 204. */
export type OperationAnswer<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses & (200 | 201)]: Json<Responses[Status]> }[keyof Responses & (200 | 201)]
  : never;

export type OperationBody<Operation> = Operation extends { requestBody?: infer Holder }
  ? Json<NonNullable<Holder>>
  : never;

export type OperationQuery<Operation> = Operation extends { parameters: { query?: infer Fields } }
  ? NonNullable<Fields>
  : never;
