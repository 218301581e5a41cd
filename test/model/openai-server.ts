import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server was asked for: the body as it came over the wire. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema?: { name: string; schema: object } };
  tools?: { function: { name: string } }[];
  stream?: boolean;
}

/** How it answers: an object in the asked form, words, or one of the ways in which servers fail. */
export type Behaviour =
  | { kind: 'object'; object: unknown; delayMs?: number }
  | { kind: 'words'; words: string }
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'hang' }
  | { kind: 'hang-up' }
  | { kind: 'broken-body' };

export interface OpenAiServer {
  url: string;
  requests: ChatRequest[];
  embedded: string[][];
  /** Everything that came over the wire, as text. */
  wire(): string;
  close(): Promise<void>;
}

/** An HTTP server that speaks the OpenAI protocol: chat completions in three ways of structured output, and embeddings. */
export async function startOpenAiServer({
  answer,
  ways = ['json_schema', 'tools', 'plain'],
  embed,
}: {
  answer(request: ChatRequest, count: number): Behaviour;
  /** Ways that this provider knows; the others are a bad request. */
  ways?: readonly ('json_schema' | 'tools' | 'plain')[];
  embed?(text: string): number[] | undefined;
}): Promise<OpenAiServer> {
  const requests: ChatRequest[] = [];
  const embedded: string[][] = [];
  let wire = '';
  const server: Server = createServer((request, response) => {
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    void read(request).then((text) => {
      wire += text;
      if (request.url?.endsWith('/embeddings')) {
        const { input } = JSON.parse(text) as { input: string | string[] };
        const texts = typeof input === 'string' ? [input] : input;
        embedded.push(texts);
        const vectors = texts.map((one) => embed?.(one));
        if (vectors.some((vector) => vector === undefined)) return send(500, { error: { message: 'no embeddings' } });
        return send(200, {
          object: 'list',
          data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
          usage: { prompt_tokens: 1, total_tokens: 1 },
        });
      }
      if (!request.url?.endsWith('/chat/completions')) return send(404, { error: { message: 'no such path' } });
      const body = JSON.parse(text) as ChatRequest;
      requests.push(body);
      const way = body.response_format ? 'json_schema' : body.tools ? 'tools' : 'plain';
      if (!ways.includes(way)) return send(400, { error: { message: `unsupported: ${way}` } });
      const behaviour = answer(body, requests.length);
      if (behaviour.kind === 'hang') return;
      if (behaviour.kind === 'hang-up') return void request.socket.destroy();
      if (behaviour.kind === 'status')
        return send(behaviour.status, { error: { message: 'as you wished' } }, behaviour.headers);
      if (behaviour.kind === 'broken-body') {
        response.writeHead(200, { 'content-type': 'application/json' });
        return void response.end('{"id":"x","choices":[{"message":{"content":"{\\"rou');
      }
      const delayMs = 'delayMs' in behaviour ? (behaviour.delayMs ?? 0) : 0;
      setTimeout(() => send(200, completion(body, way, behaviour)), delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    embedded,
    wire: () => wire,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function completion(
  { model, tools }: ChatRequest,
  way: string,
  behaviour: Extract<Behaviour, { kind: 'object' | 'words' }>,
): unknown {
  const words = behaviour.kind === 'words' ? behaviour.words : JSON.stringify(behaviour.object);
  const message =
    way === 'tools' && behaviour.kind === 'object'
      ? {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: tools?.[0]?.function.name, arguments: words } },
          ],
        }
      : { role: 'assistant', content: words };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [{ index: 0, message, finish_reason: way === 'tools' ? 'tool_calls' : 'stop' }],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
