{{/* One pod of the product; the caller gives root, role, resources. */}}
{{- define "meiduo.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    app.kubernetes.io/name: meiduo-accounts
    app.kubernetes.io/instance: {{ $root.Release.Name }}
    app.kubernetes.io/component: {{ .role }}
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ $root.Values.env.METRICS_PORT | quote }}
    checksum/env: {{ $root.Values.env | toYaml | sha256sum }}
spec:
  # Begins with preStop's seconds; after them the product takes 17 at most.
  terminationGracePeriodSeconds: 25
  automountServiceAccountToken: false
  # A Service named "api" would put API_PORT=tcp://… into the environment.
  enableServiceLinks: false
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: {{ .role }}
      image: "{{ $root.Values.image.repository }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}"
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ .role | quote }}]
      envFrom:
        - secretRef: { name: {{ $root.Values.existingSecret }} }
      env:
        {{- range $name, $value := $root.Values.env }}
        - { name: {{ $name }}, value: {{ $value | quote }} }
        {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      resources:
        {{- toYaml .resources | nindent 8 }}
      {{- if eq .role "web" }}
      ports:
        - { name: api, containerPort: 8000 }
        - { name: site, containerPort: 8080 }
      startupProbe:
        httpGet: { path: /healthz, port: api }
        periodSeconds: 1
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /healthz, port: api }
        timeoutSeconds: 3
      # Not /readyz: PostgreSQL and Redis are shared, so it would take out every pod at once. Visitors would get the
      # ingress' own 503 in place of ours with Retry-After, and what works without the engine would fail, too.
      readinessProbe:
        httpGet: { path: /healthz, port: api }
        timeoutSeconds: 3
        periodSeconds: 5
      lifecycle:
        # The endpoints are notified first; requests on their way still find the process.
        preStop: { exec: { command: [sleep, "3"] } }
      {{- end }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        - { name: data, mountPath: /data }
        {{- with $root.Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - { name: tmp, emptyDir: {} }
    - { name: data, emptyDir: {} }
    {{- with $root.Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
