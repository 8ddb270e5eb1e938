# Keycloak with its options fixed at build time, so that it starts on a read-only file system.
FROM keycloak/keycloak:26.7.3 AS build
RUN /opt/keycloak/bin/kc.sh build --db=postgres --health-enabled=true

FROM keycloak/keycloak:26.7.3
COPY --from=build /opt/keycloak/lib/quarkus /opt/keycloak/lib/quarkus
COPY auth/keycloak/atbalsts-realm.json /opt/keycloak/data/import/
