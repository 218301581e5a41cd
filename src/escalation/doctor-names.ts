import type { DoctorParticulars } from '../community/index.js';
import { escalation as text } from '../text/zh-CN/escalation.js';

/** Doctors that colleagues may mean by `name`: the whole name, or a surname with a title. An exact name wins. */
export function matchDoctors(doctors: readonly DoctorParticulars[], name: string): DoctorParticulars[] {
  const wanted = name.replace(/^@/u, '').trim();
  if (wanted === '') return [];
  const untitled = wanted.replace(text.titles, '');
  const exact = doctors.filter((doctor) => doctor.realName === wanted || doctor.realName === untitled);
  if (exact.length > 0) return exact;
  return doctors.filter((doctor) => untitled !== '' && doctor.realName.startsWith(untitled));
}
