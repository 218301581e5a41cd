/** A pattern in which `ID` stands for the id of an entry as people type it: KB-050, kb050, kb 50, KB-D7. */
export function withId(pattern: string): RegExp {
  return new RegExp(pattern.replaceAll('ID', 'kb\\s?[-_—–]?\\s?d?\\d{1,6}'), 'u');
}

export function idOf(written: string | undefined): string {
  const [, draft = '', number = ''] = /(d?)(\d+)$/iu.exec(written ?? '') ?? [];
  return `KB-${draft.toUpperCase()}${draft === '' ? number.padStart(3, '0') : number}`;
}
