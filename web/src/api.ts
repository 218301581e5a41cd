/** The server said no, in a sentence for the person at the page. */
export class ApiError extends Error {
  override name = 'ApiError';
}

export async function getJson<T>(path: string): Promise<T> {
  return read<T>(await reach(path, { headers: { accept: 'application/json' } }));
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return read<T>(await reach(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw new ApiError('连不上程序，请确认它还在运行');
  }
}

async function read<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(problemText(body) ?? `请求失败（${response.status}）`);
  // The types are the server's own, from the file both sides share.
  return body as T;
}

function problemText(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return typeof error.message === 'string' ? error.message : undefined;
}
