/** The ports of desks' items in memory. */
import { type DeskState, slotOf } from "../../shared/domain/desk-state.ts";
import type { DeskProgress, DeskTickets, DeskTimes, Listened } from "../../shared/ports.ts";

export class MemoryDeskTickets implements DeskTickets, DeskTimes {
  readonly states = new Map<string, DeskState>();
  readonly links = new Map<string, string>();
  readonly theirs = new Map<string, { message: string; isOurs: boolean }>();
  /** By both of the keys of a pair. */
  readonly ticketOf = new Map<string, string>();
  readonly ours = new Map<string, string>();
  readonly heard = new Map<string, Listened>();
  readonly closing = new Map<string, string[]>();
  readonly since = new Map<string, number>();
  readonly progress = new Map<string, DeskProgress>();

  async deskState(desk: string, conversation: string) {
    return structuredClone(this.states.get(`${desk} ${conversation}`));
  }
  async putDeskState(desk: string, conversation: string, state: DeskState) {
    this.states.set(`${desk} ${conversation}`, structuredClone(state));
  }
  async conversationOf(desk: string, ticket: string) {
    return this.links.get(`${desk} ${ticket}`);
  }
  async linkTicket(desk: string, ticket: string, conversation: string) {
    this.links.set(`${desk} ${ticket}`, conversation);
  }
  async deskMessage(desk: string, conversation: string, message: string) {
    return this.ours.get(`${desk} ${conversation} ${message}`);
  }
  async messageBehind(desk: string, conversation: string, deskMessage: string) {
    return this.theirs.get(`${desk} ${conversation} ${deskMessage}`);
  }
  async linkMessage(
    desk: string,
    conversation: string,
    { message, deskMessage, isOurs, ticket }: Parameters<DeskTickets["linkMessage"]>[2],
  ) {
    for (const one of [message, deskMessage])
      if (ticket !== undefined) this.ticketOf.set(`${desk} ${conversation} ${one}`, ticket);
    this.theirs.set(`${desk} ${conversation} ${deskMessage}`, { message, isOurs });
    this.ours.set(`${desk} ${conversation} ${message}`, deskMessage);
  }
  async listened(desk: string, conversation: string) {
    return this.heard.get(`${desk} ${conversation}`) ?? {};
  }
  async putListened(desk: string, conversation: string, listened: Listened) {
    this.heard.set(`${desk} ${conversation}`, listened);
  }
  async putClosing(desk: string, conversation: string, at: number) {
    const key = `${desk} ${slotOf(at)}`;
    this.closing.set(key, [...new Set([...(this.closing.get(key) ?? []), conversation])]);
  }
  async closings(desk: string, slot: number) {
    return this.closing.get(`${desk} ${slot}`) ?? [];
  }
  async deskSince(desk: string, account: string, now: number) {
    const since = this.since.get(`${desk} ${account}`) ?? now;
    this.since.set(`${desk} ${account}`, since);
    return since;
  }
  async deskProgress(desk: string) {
    return this.progress.get(desk) ?? {};
  }
  async putDeskProgress(desk: string, progress: DeskProgress) {
    this.progress.set(desk, progress);
  }
}
