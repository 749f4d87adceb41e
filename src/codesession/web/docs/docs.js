// Renders openapi.json as a page. Everything becomes text nodes: nothing of it is ever read as HTML.
"use strict";

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function typeName(schema) {
  if (!schema) return "nothing";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return typeName(schema.items) + "[]";
  return schema.format ? schema.type + " (" + schema.format + ")" : schema.type || "anything";
}

function table(rows) {
  const made = element("table");
  for (const [name, type, text] of rows) {
    const row = made.insertRow();
    row.insertCell().append(element("code", name));
    row.insertCell().append(element("code", type));
    row.insertCell().textContent = text || "";
  }
  return made;
}

function fields(schema, schemas, seen) {
  const name = schema && schema.$ref && schema.$ref.split("/").pop();
  const made = element("details");
  made.append(element("summary", typeName(schema)));
  if (!name || !schemas[name] || seen.includes(name)) return made;
  const found = schemas[name];
  if (found.description) made.append(element("p", found.description, "muted"));
  const required = found.required || [];
  const rows = Object.entries(found.properties || {}).map(([key, value]) => [
    key + (required.includes(key) ? "" : "?"), typeName(value), value.description,
  ]);
  made.append(table(rows));
  for (const value of Object.values(found.properties || {})) {
    const inner = value.$ref ? value : value.items && value.items.$ref ? value.items : null;
    if (inner) made.append(fields(inner, schemas, [...seen, name]));
  }
  return made;
}

function operation(method, path, about, schemas) {
  const made = element("details");
  const head = element("summary");
  head.append(element("span", method.toUpperCase(), "method"), element("span", path, "path"));
  if (about.description) head.append(element("span", "  " + about.description, "muted"));
  made.append(head);
  const parameters = (about.parameters || []).map((p) => [p.name, typeName(p.schema), p.description || ""]);
  if (parameters.length) made.append(element("h4", "Parameters"), table(parameters));
  const body = about.requestBody && about.requestBody.content["application/json"];
  if (body) made.append(element("h4", "Body"), fields(body.schema, schemas, []));
  for (const [status, response] of Object.entries(about.responses)) {
    const content = response.content && response.content["application/json"];
    made.append(element("h4", status + " " + (response.description || "")));
    if (content) made.append(fields(content.schema, schemas, []));
  }
  return made;
}

async function main() {
  const answer = await fetch("/api/openapi.json");
  const api = await answer.json();
  document.getElementById("about").textContent = api.info.title + " " + api.info.version + ". " + api.info.description;
  const place = document.getElementById("operations");
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, about] of Object.entries(methods)) {
      place.append(operation(method, path, about, api.components.schemas));
    }
  }
}

main();
