import { newId } from './ids.ts';
import { page } from './pages.ts';
import { error, json, raw } from './replies.ts';
import type { Exchange, Reply } from './types.ts';

interface StoredFile {
  readonly metadata: { readonly id: string } & Record<string, unknown>;
  readonly content: Uint8Array;
}

/** The files of one server. Unlike the API, it lets uploaded files be downloaded. */
export class Files {
  readonly #files = new Map<string, StoredFile>();

  async upload({ request }: Exchange): Promise<Reply> {
    const file = await readUpload(request.rawBody, request.headers['content-type']);
    if (!file) return error(400, { message: 'file: Field required' });
    const content = new Uint8Array(await file.arrayBuffer());
    const metadata = {
      type: 'file',
      id: newId('file_'),
      filename: file.name,
      mime_type: file.type || 'application/octet-stream',
      size_bytes: content.length,
      created_at: new Date().toISOString(),
      downloadable: true,
    };
    this.#files.set(metadata.id, { metadata, content });
    return json(metadata);
  }

  list({ query }: Exchange): Reply {
    return page(
      [...this.#files.values()].map(({ metadata }) => metadata),
      query,
    );
  }

  metadata(_exchange: Exchange, id: string): Reply {
    return this.#with(id, (file) => json(file.metadata));
  }

  content({ requestId }: Exchange, id: string): Reply {
    return this.#with(id, (file) =>
      raw({
        status: 200,
        headers: { 'content-type': String(file.metadata['mime_type']), 'request-id': requestId },
        body: file.content,
      }),
    );
  }

  delete(_exchange: Exchange, id: string): Reply {
    return this.#with(id, () => {
      this.#files.delete(id);
      return json({ id, type: 'file_deleted' });
    });
  }

  #with(id: string, answer: (file: StoredFile) => Reply): Reply {
    const file = this.#files.get(id);
    return file ? answer(file) : error(404, { message: `File not found: ${id}` });
  }
}

/** The `file` part of a multipart body, or `undefined` where there is none. */
async function readUpload(body: Buffer, contentType: string | undefined): Promise<File | undefined> {
  if (!contentType?.startsWith('multipart/form-data')) return undefined;
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    const part = form.get('file');
    return part instanceof Blob ? part : undefined;
  } catch {
    // The body is no multipart form: for the caller the same as a form without the part.
    return undefined;
  }
}
