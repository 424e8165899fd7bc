import { getServices } from '#wiring/next';
import { answerJson } from '../../_http/answer.ts';
import { openApiDocument } from '../../_http/openapi-document.ts';

export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  return answerJson(openApiDocument(getServices().env.OPENAIR_URL));
}
