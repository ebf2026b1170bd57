import { type ApiContact, NoQuery } from "../../shared/domain/api-shapes.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json } from "./route.ts";

export async function showContact({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const known = /^con_[A-Za-z0-9_-]{22}$/.test(name) ? await ports.table.contact(name) : undefined;
  if (!known) throw new PublicError("not_found", "There is no contact with this id.");
  const contact: ApiContact = { id: known.id, ...(known.name !== undefined && { name: known.name }) };
  return json(200, contact);
}
