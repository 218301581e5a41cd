import type { PersonalDataHolder } from '../community/index.js';
import type { Points } from '../points/index.js';
import type { CheckIn } from './service.js';

/** What check-ins and points keep about a person: to be exported and erased with the rest. */
export function createCheckInDataHolders(deps: { checkIn: CheckIn; points: Points }): PersonalDataHolder[] {
  const { checkIn, points } = deps;
  return [
    { name: 'observations', exportPerson: checkIn.exportPerson, erasePerson: checkIn.erasePerson },
    { name: 'points', exportPerson: points.totalOf, erasePerson: points.erasePerson },
    { name: 'ledger', exportPerson: points.exportPerson, erasePerson: async () => {} },
  ];
}
