/*
 * libxmlsec1 as a contender: verifies responses in its own process, told what to do line by line.
 *
 *   xmlsec CERTIFICATE.pem DECRYPTION_KEY.pem DOCUMENTS
 *
 * DOCUMENTS holds base64, one document a line, their number in the first line as "GOOD ALL": the first GOOD of them are measured.
 * "run MS" measures for so many milliseconds and answers "RESPONSES CPU_US"; "check I" answers 1 when document I (from 0)
 * verifies, else 0.
 *
 * For each response: base64, parse, IDs, decryption, every signature of Response and Assertion by the one key (KeyInfo is not
 * asked), each with one reference to the element around it, and the NameID read.
 */
#define _GNU_SOURCE
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static const xmlChar *const saml = BAD_CAST "urn:oasis:names:tc:SAML:2.0:assertion";
static const xmlChar *const protocol = BAD_CAST "urn:oasis:names:tc:SAML:2.0:protocol";
static const xmlChar *ids[] = {BAD_CAST "ID", NULL};

static xmlSecKeyPtr verification_key;
static xmlSecKeysMngrPtr decryption_keys;

static void fail(const char *what) {
  fprintf(stderr, "xmlsec: %s\n", what);
  exit(1);
}

/* Whether the signature that stands in `parent` covers exactly it and holds. */
static int holds(xmlNodePtr parent, xmlNodePtr signature) {
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  xmlChar *id = xmlGetNoNsProp(parent, BAD_CAST "ID");
  int good = 0;
  if (context != NULL && id != NULL) {
    context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
    context->signKey = xmlSecKeyDuplicate(verification_key);
    good = xmlSecDSigCtxVerify(context, signature) == 0 && context->status == xmlSecDSigStatusSucceeded &&
           xmlSecPtrListGetSize(&(context->signedInfoReferences)) == 1;
    if (good) {
      xmlSecDSigReferenceCtxPtr reference =
          (xmlSecDSigReferenceCtxPtr)xmlSecPtrListGetItem(&(context->signedInfoReferences), 0);
      good = reference != NULL && reference->uri != NULL && reference->uri[0] == '#' &&
             xmlStrEqual(reference->uri + 1, id);
    }
  }
  if (id != NULL) xmlFree(id);
  if (context != NULL) xmlSecDSigCtxDestroy(context);
  return good;
}

/* How many signatures of `parent` hold: 0 or 1; -1 when one does not. */
static int verified(xmlNodePtr parent) {
  xmlNodePtr signature = xmlSecFindChild(parent, xmlSecNodeSignature, xmlSecDSigNs);
  if (signature == NULL) return 0;
  return holds(parent, signature) ? 1 : -1;
}

static xmlNodePtr decrypted(xmlNodePtr response) {
  xmlNodePtr holder = xmlSecFindChild(response, BAD_CAST "EncryptedAssertion", saml);
  xmlNodePtr data = holder ? xmlSecFindChild(holder, xmlSecNodeEncryptedData, xmlSecEncNs) : NULL;
  xmlSecEncCtxPtr context;
  int result;
  if (data == NULL || decryption_keys == NULL) return NULL;
  context = xmlSecEncCtxCreate(decryption_keys);
  if (context == NULL) return NULL;
  result = xmlSecEncCtxDecrypt(context, data);
  xmlSecEncCtxDestroy(context);
  if (result < 0) return NULL;
  xmlSecAddIDs(holder->doc, holder, ids);
  return xmlSecFindChild(holder, BAD_CAST "Assertion", saml);
}

static int accepts(const unsigned char *base64, size_t length) {
  static unsigned char bytes[1 << 20];
  xmlDocPtr doc;
  xmlNodePtr response, assertion;
  int size, of_response, of_assertion, good = 0;
  if (length > sizeof bytes) return 0;
  size = EVP_DecodeBlock(bytes, base64, (int)length);
  while (size > 0 && length > 0 && base64[length - 1] == '=') size--, length--;
  if (size <= 0) return 0;
  doc = xmlReadMemory((const char *)bytes, size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (doc == NULL) return 0;
  response = xmlDocGetRootElement(doc);
  if (xmlSecCheckNodeName(response, BAD_CAST "Response", protocol)) {
    xmlSecAddIDs(doc, response, ids);
    of_response = verified(response);
    assertion = xmlSecFindChild(response, BAD_CAST "Assertion", saml);
    if (assertion == NULL) assertion = decrypted(response);
    of_assertion = assertion == NULL ? -1 : verified(assertion);
    if (of_response >= 0 && of_assertion >= 0 && of_response + of_assertion > 0) {
      xmlNodePtr subject = xmlSecFindChild(assertion, BAD_CAST "Subject", saml);
      xmlNodePtr name_id = subject ? xmlSecFindChild(subject, BAD_CAST "NameID", saml) : NULL;
      xmlChar *text = name_id ? xmlNodeGetContent(name_id) : NULL;
      good = text != NULL && xmlStrlen(text) > 0;
      if (text != NULL) xmlFree(text);
    }
  }
  xmlFreeDoc(doc);
  return good;
}

static double microseconds(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void silent(const char *file, int line, const char *func, const char *object, const char *subject, int reason,
                   const char *message) {
  (void)file, (void)line, (void)func, (void)object, (void)subject, (void)reason, (void)message;
}

static void start(const char *certificate, const char *decryption_key) {
  xmlSecKeyPtr key;
  xmlInitParser();
  if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) fail("cannot start");
  xmlSecErrorsSetCallback(silent);
  verification_key = xmlSecCryptoAppKeyLoad(certificate, xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
  if (verification_key == NULL) fail("cannot read the certificate");
  decryption_keys = xmlSecKeysMngrCreate();
  if (decryption_keys == NULL || xmlSecCryptoAppDefaultKeysMngrInit(decryption_keys) < 0) fail("no key manager");
  key = xmlSecCryptoAppKeyLoad(decryption_key, xmlSecKeyDataFormatPem, NULL, NULL, NULL);
  if (key == NULL || xmlSecCryptoAppDefaultKeysMngrAdoptKey(decryption_keys, key) < 0) fail("no decryption key");
}

int main(int argc, char **argv) {
  FILE *file;
  size_t good, all, i, room = 0;
  char **documents, *line = NULL;
  size_t *lengths;
  if (argc != 4) fail("CERTIFICATE.pem DECRYPTION_KEY.pem DOCUMENTS");
  start(argv[1], argv[2]);
  file = fopen(argv[3], "r");
  if (file == NULL || fscanf(file, "%zu %zu\n", &good, &all) != 2 || good == 0 || good > all) fail("no documents");
  documents = calloc(all, sizeof *documents);
  lengths = calloc(all, sizeof *lengths);
  if (documents == NULL || lengths == NULL) fail("no memory");
  for (i = 0; i < all; i++) {
    ssize_t length;
    room = 0;
    length = getline(&documents[i], &room, file);
    if (length <= 1) fail("a document is missing");
    lengths[i] = (size_t)length - 1;
  }
  fclose(file);
  room = 0;
  while (getline(&line, &room, stdin) > 0) {
    double number;
    if (sscanf(line, "check %zu", &i) == 1 && i < all) {
      printf("%d\n", accepts((const unsigned char *)documents[i], lengths[i]));
    } else if (sscanf(line, "run %lf", &number) == 1) {
      double wall = microseconds(CLOCK_MONOTONIC), cpu = microseconds(CLOCK_PROCESS_CPUTIME_ID), taken = 0;
      size_t responses = 0;
      while (taken < number * 1000) {
        for (i = 0; i < good; i++, responses++)
          if (!accepts((const unsigned char *)documents[i], lengths[i])) fail("a good document was refused");
        taken = microseconds(CLOCK_MONOTONIC) - wall;
      }
      printf("%zu %.0f\n", responses, microseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    } else {
      fail("not understood");
    }
    fflush(stdout);
  }
  return 0;
}
