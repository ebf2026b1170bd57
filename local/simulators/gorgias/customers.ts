/** Customers: found by what they are known by, made, and renamed. A channel's address belongs to one customer alone. */
import type { Answer } from "../http.ts";
import type { DeskContact } from "../ticket-desk.ts";
import type { Account } from "./account.ts";
import { failure, invalid, notFound } from "./errors.ts";
import { listed } from "./lists.ts";
import { NewCustomer } from "./requests.ts";

const E164 = /^\+[1-9]\d{6,14}$/;

export function createCustomers({ store, customerJson, newId }: Account) {
  const all = () => [...store.contacts.values()];

  function wrongIn(phone: string | undefined, email: string | null | undefined, own?: string): Answer | undefined {
    if (phone !== undefined && !E164.test(phone))
      return failure(400, "Failed to save customer.", { channels: { 0: { address: ["Not a valid phone number."] } } });
    const isTaken = all().some(
      (one) =>
        one.id !== own && ((phone !== undefined && one.phone === phone) || (email && one.fields.email === email)),
    );
    if (isTaken) return failure(400, "Failed to save customer.", { channels: ["Another customer has this channel."] });
    return undefined;
  }

  function whole(contact: DeskContact) {
    const { phone, fields } = contact;
    const channels = [
      ...(phone === undefined ? [] : [{ id: 1, type: "phone", address: phone, preferred: true }]),
      ...(fields.email ? [{ id: 2, type: "email", address: fields.email, preferred: false }] : []),
    ];
    return { ...customerJson(contact), channels, note: null, data: null, integrations: {} };
  }

  return {
    list(query: URLSearchParams): Answer {
      const wanted = (name: string, value: unknown) => !query.has(name) || query.get(name) === value;
      const address = query.get("channel_address");
      const rows = all().filter(
        (one) =>
          wanted("external_id", one.externalId) &&
          wanted("email", one.fields.email) &&
          wanted("name", one.name) &&
          (address === null || (query.get("channel_type") === "phone" ? one.phone : one.fields.email) === address),
      );
      return listed(rows.map(customerJson), query);
    },

    get(id: string): Answer {
      const contact = store.contacts.get(id);
      return contact ? { status: 200, body: whole(contact) } : notFound;
    },

    create(json: unknown): Answer {
      const checked = NewCustomer.safeParse(json);
      if (!checked.success) return invalid("create customer", checked.error);
      const { name, email, external_id: externalId, channels = [] } = checked.data;
      const phone = channels.find(({ type }) => type === "phone")?.address;
      const wrong = wrongIn(phone, email);
      if (wrong) return wrong;
      const contact = store.addContact({
        id: newId(),
        ...(externalId && { externalId }),
        ...(name && { name }),
        ...(phone !== undefined && { phone }),
        fields: { ...(email && { email }) },
      });
      return { status: 201, body: whole(contact) };
    },

    update(id: string, json: unknown): Answer {
      const contact = store.contacts.get(id);
      if (!contact) return notFound;
      const checked = NewCustomer.safeParse(json);
      if (!checked.success) return invalid("update customer", checked.error);
      const { name, external_id: externalId } = checked.data;
      if (name) contact.name = name;
      if (externalId) contact.externalId = externalId;
      return { status: 202, body: whole(contact) };
    },
  };
}
